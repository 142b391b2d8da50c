import { describe, expect, it } from "vitest";
import { counts, imageName, look, mend, raisedMemory, type Server, sorted, spoken } from "./server";

function server(change: Partial<Server> = {}): Server {
  return {
    id: "a",
    name: "a",
    protocol: "stdio",
    enabled: true,
    quarantined: false,
    connected: true,
    connecting: false,
    status: "Ready",
    state: "ready",
    state_text: "Ready, 3 tools.",
    since: "2026-01-01T00:00:00Z",
    reconnect_count: 0,
    retry_count: 0,
    tool_count: 3,
    placement: "container",
    isolated: true,
    health: { level: "healthy", admin_state: "enabled", summary: "Connected", action: "" },
    ...change,
  } as Server;
}

const failed = (code: string, change: Partial<Server> = {}) =>
  server({
    state: "failed",
    connected: false,
    state_text: "It stopped.",
    diagnostic: { code, severity: "error", user_message: "It stopped.", fix_steps: [] },
    ...change,
  });

describe("a server's look", () => {
  it("says nothing more about one that is ready and isolated", () => {
    expect(look(server())).toMatchObject({ mark: "ready", tone: "ok", group: "running" });
    expect(look(server()).sentence).toBeUndefined();
  });
  it("says that one runs unprotected, how long, and offers to isolate it", () => {
    const now = Date.parse("2026-01-01T12:00:00Z");
    const open = server({ placement: "host", isolated: false, unprotected_until: "2026-01-01T12:41:10Z" });
    expect(look(open, false, now)).toMatchObject({
      mark: "open",
      tone: "warn",
      deed: "isolate",
      sentence: "Runs unprotected for 42 min more.",
    });
    expect(look(server({ placement: "host", unprotected_until_quit: true })).sentence).toBe("Runs unprotected until MCPProxy quits.");
    expect(look(server({ placement: "host" })).sentence).toBe("Runs unprotected on this computer.");
  });
  it("says that its own switch does nothing while the global one is off", () => {
    expect(look(server({ placement: "host", isolation_ignored: true })).sentence).toContain("switched off for all");
  });
  it("shows off before everything else, and held before failed", () => {
    expect(look(failed("x", { enabled: false }))).toMatchObject({ mark: "off", group: "off" });
    expect(look(failed("x", { quarantined: true }))).toMatchObject({ mark: "held", deed: "review", group: "needs" });
  });
  it("shows a download with its sentence and lets it be cancelled", () => {
    const loading = server({
      state: "preparing",
      connected: false,
      state_text: "Downloading node:20, 61 %.",
      progress: { stage: "downloading", subject: "node:20", percent: 61 } as Server["progress"],
    });
    expect(look(loading)).toMatchObject({
      mark: "working",
      tone: "busy",
      word: "Downloading image",
      deed: "cancel",
      sentence: "Downloading node:20, 61 %.",
    });
  });
  it("leads a server that waits for Docker to Docker", () => {
    const waiting = server({ state: "waiting", connected: false, state_text: "Waiting for Docker; it starts by itself." });
    expect(look(waiting)).toMatchObject({ deed: "engine", group: "needs" });
    expect(look(server({ state: "waiting", connected: false, state_text: "Waiting for its turn to start." }))).toMatchObject({
      group: "running",
    });
  });
  it("keeps one that is tried again where it is, with the reason", () => {
    const trying = server({ state: "handshaking", connected: false, retry_count: 4, last_error: "It cannot be reached." });
    expect(look(trying)).toMatchObject({ group: "needs", word: "Retrying", sentence: "It cannot be reached.", deed: "retry" });
    expect(look(server({ state: "starting", connected: false }))).toMatchObject({ group: "running", mark: "working" });
  });
  it("shows paused servers as resting, not as failed", () => {
    expect(look(server(), true)).toMatchObject({ mark: "paused", group: "asleep" });
    expect(look(failed("x"), true)).toMatchObject({ mark: "broken" });
  });
});

describe("the mend of a failure", () => {
  it("is memory where memory was missing, whatever the code", () => {
    expect(mend(failed("server_out_of_memory"))).toBe("memory");
    expect(mend(failed("server_exit", { last_exit: { oom_killed: true, ran_ms: 1, at: "" } }))).toBe("memory");
  });
  it("is the entry where the entry is wrong, and the log for the rest", () => {
    expect(mend(failed("package_not_found"))).toBe("config");
    expect(mend(failed("volume_invalid"))).toBe("config");
    expect(mend(failed("engine_not_running"))).toBe("engine");
    expect(mend(failed("server_exit"))).toBe("logs");
  });
  it("doubles the limit in the unit that people write", () => {
    expect(raisedMemory(server(), "512m")).toBe("1g");
    expect(raisedMemory(server({ isolation: { memory_limit: "1g" } }), "512m")).toBe("2g");
    expect(raisedMemory(server({ isolation: { memory_limit: "300m" } }), "512m")).toBe("600m");
    expect(raisedMemory(server({ isolation: { memory_limit: "nonsense" } }), "512m")).toBe("1g");
  });
});

describe("the list", () => {
  const all = [
    server({ name: "b10" }),
    server({ name: "b9" }),
    server({ name: "z", enabled: false, connected: false }),
    failed("x", { name: "y" }),
    server({ name: "c", placement: "remote" }),
    server({ name: "d", placement: "host" }),
    server({ name: "e", quarantined: true }),
  ];
  it("begins with what needs the person and ends with what is off, by name within", () => {
    expect(sorted(all, false).map((one) => one.name)).toEqual(["e", "y", "b9", "b10", "c", "d", "z"]);
  });
  it("counts each server once, so that headings and rows agree", () => {
    const sums = counts(all, false);
    expect(sums).toEqual({ all: 7, needs: 2, running: 4, isolated: 3, unprotected: 1, held: 1, elsewhere: 1 });
    expect(sums.isolated + sums.unprotected + sums.held + sums.elsewhere + 1).toBe(sums.all);
  });
  it("reads a row as thing, state and place", () => {
    expect(spoken(server({ name: "github" }), false)).toBe("github, Ready, isolated, 3 tools");
  });
  it("calls an image what people call it", () => {
    expect(imageName("docker.io/library/node:20")).toBe("node:20");
    expect(imageName("docker.io/me/thing:1")).toBe("me/thing:1");
    expect(imageName("ghcr.io/x/y")).toBe("ghcr.io/x/y");
    expect(imageName("")).toBeUndefined();
  });
});

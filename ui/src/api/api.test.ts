import { describe, expect, it } from "vitest";
import type { Answer, Host } from "../host/host";
import { SignedOut, Unreachable } from "../host/host";
import { follow, gathered } from "./changes";
import { ApiError, call, fill, unwrap } from "./client";
import { staleSubjects } from "./queries";

describe("a request", () => {
  it("puts names into the address, escaped", () => {
    expect(fill("/api/v1/servers/{id}/logs", { id: "a/b ü" })).toBe("/api/v1/servers/a%2Fb%20%C3%BC/logs");
  });
  it("gives what the frame holds, or throws its sentence", () => {
    expect(unwrap(200, { success: true, data: { a: 1 } })).toEqual({ a: 1 });
    expect(() => unwrap(409, { success: false, error: "No.", code: "x", request_id: "r" })).toThrow(ApiError);
    expect(() => unwrap(502, "<html>")).toThrow("HTTP 502");
  });
  it("leaves out of the address what was not given", async () => {
    const asked: string[] = [];
    const host: Host = {
      desktop: false,
      request: async (_, path) => (asked.push(path), { status: 200, body: { success: true, data: {} } }),
    };
    await call(host, "get", "/api/v1/changes", { query: { since: 5, wait: 25 } });
    await call(host, "get", "/api/v1/changes", {});
    expect(asked).toEqual(["/api/v1/changes?since=5&wait=25", "/api/v1/changes"]);
  });
});

describe("changes", () => {
  it("name each kind once, with all servers", () => {
    const kinds = gathered([
      { revision: 1, kind: "state", servers: ["a"] },
      { revision: 2, kind: "state", servers: ["b"] },
      { revision: 3, kind: "engine" },
    ]);
    expect([...kinds.keys()]).toEqual(["state", "engine"]);
    expect([...(kinds.get("state") ?? [])]).toEqual(["a", "b"]);
  });
  it("make stale what they are about, and everything if they are unknown", () => {
    expect(staleSubjects(["progress"])).toEqual(new Set(["servers"]));
    expect(staleSubjects(["activity"])).toEqual(new Set(["activity"]));
    expect(staleSubjects(["something-new"]).size).toBeGreaterThan(6);
  });

  const page = Object.assign(new EventTarget(), { hidden: false }) as unknown as Document;
  function play(answers: (Answer | Error)[]) {
    const control = new AbortController();
    const told: string[] = [];
    const asked: string[] = [];
    const host: Host = {
      desktop: false,
      request: async (_, path) => {
        asked.push(path);
        const next = answers.shift();
        if (!next) {
          control.abort();
          throw new DOMException("end", "AbortError");
        }
        if (next instanceof Error) throw next;
        return next;
      },
    };
    const listener = {
      changed: (kinds: Map<string, unknown> | undefined) => told.push(kinds ? [...kinds.keys()].join() : "all"),
      lost: (tries: number) => told.push(`lost ${tries}`),
      signedOut: () => told.push("out"),
    };
    return follow(host, listener, control.signal, page).then(() => ({ told, asked }));
  }
  const good = (revision: number, changes: unknown[] = []): Answer => ({
    status: 200,
    body: { success: true, data: { revision, changes } },
  });

  it("are asked for from the last known number on", async () => {
    const { told, asked } = await play([good(7), good(9, [{ revision: 9, kind: "state", servers: ["a"] }]), good(9)]);
    expect(told).toEqual(["all", "state"]);
    expect(asked.slice(0, 3)).toEqual(["/api/v1/changes", "/api/v1/changes?since=7&wait=25", "/api/v1/changes?since=9&wait=25"]);
  });
  it("that are too old lead to reading everything", async () => {
    const { told } = await play([good(7), { status: 410, body: { success: false, error: "old" } }, good(99)]);
    expect(told).toEqual(["all", "all"]);
  });
  it("come back after the core did, and say how often it was tried", async () => {
    const { told } = await play([good(7), new Unreachable(), good(1), good(1)]);
    expect(told).toEqual(["all", "lost 1", "all", "lost 0"]);
  });
  it("end where the session ended", async () => {
    expect((await play([new SignedOut()])).told).toEqual(["out"]);
  });
});

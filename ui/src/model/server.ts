/** What a server's state looks like: mark, word, sentence and the one action. */

import type { Shape } from "../api/client";
import { words } from "../words";
import { left } from "./format";

export type Server = Shape<"Server">;
export type Tone = "ok" | "busy" | "warn" | "bad" | "off";
export type Mark = "ready" | "working" | "asleep" | "waiting" | "held" | "broken" | "open" | "own" | "elsewhere" | "paused" | "off";

/** What the window can do about a state. */
export type Deed = "restart" | "retry" | "enable" | "resume" | "cancel" | "isolate" | "logs" | "review" | "engine" | "memory" | "config";

export interface Look {
  mark: Mark;
  tone: Tone;
  word: string;
  /** Only where there is something to say. */
  sentence?: string;
  deed?: Deed;
  group: Group;
}

/** The order of the list. */
export type Group = "needs" | "running" | "asleep" | "off";
const ORDER: Record<Group, number> = { needs: 0, running: 1, asleep: 2, off: 3 };

const WORKING = new Set(["preparing", "starting", "handshaking", "stopping"]);

export function unprotected(server: Server): boolean {
  return server.placement === "host";
}

export function look(server: Server, paused = false, now = Date.now()): Look {
  const s = words.state;
  if (!server.enabled && server.state !== "stopping") return { mark: "off", tone: "off", word: s.off, group: "off" };
  if (server.quarantined) return { mark: "held", tone: "warn", word: s.held, sentence: server.state_text, deed: "review", group: "needs" };
  if (paused && server.connected) return { mark: "paused", tone: "off", word: s.paused, group: "asleep" };
  // Between two tries it is on its way for a moment; the row stays where it is and keeps saying why.
  if (WORKING.has(server.state) && server.retry_count > 1 && server.last_error && !server.progress)
    return retrying(server, server.last_error);
  if (WORKING.has(server.state)) return working(server, now);
  if (server.state === "waiting") return waiting(server);
  if (server.state === "backoff") return retrying(server, server.state_text);
  if (server.state === "failed") {
    return { mark: "broken", tone: "bad", word: s.failed, sentence: server.state_text, deed: mend(server), group: "needs" };
  }
  if (server.state === "paused") return { mark: "paused", tone: "off", word: s.paused, group: "asleep" };
  if (server.state === "asleep") return { mark: "asleep", tone: "off", word: s.asleep, group: "asleep" };
  if (unprotected(server)) {
    return { mark: "open", tone: "warn", word: s.ready, sentence: openSentence(server, now), deed: "isolate", group: "running" };
  }
  if (server.placement === "own_container") return { mark: "own", tone: "off", word: s.ready, sentence: s.ownContainer, group: "running" };
  if (server.placement === "remote") return { mark: "elsewhere", tone: "off", word: s.ready, group: "running" };
  return { mark: "ready", tone: "ok", word: s.ready, group: "running" };
}

function working(server: Server, now: number): Look {
  const word = words.state[(server.progress?.stage ?? server.state) as "starting"] ?? words.state.starting;
  const start = { mark: "working", tone: "busy", word, group: "running" } as const;
  if (server.progress) return { ...start, sentence: server.state_text, deed: "cancel" };
  return unprotected(server) ? { ...start, sentence: openSentence(server, now), deed: "isolate" } : start;
}

function waiting(server: Server): Look {
  const engine = /Docker|engine/i.test(server.state_text);
  if (!engine) return { mark: "working", tone: "busy", word: words.state.waiting, group: "running" };
  return { mark: "waiting", tone: "warn", word: words.state.waitingEngine, sentence: server.state_text, deed: "engine", group: "needs" };
}

function retrying(server: Server, sentence: string): Look {
  const deed = mend(server) === "memory" ? "memory" : "retry";
  const bad = server.placement === "remote";
  return {
    mark: bad ? "broken" : "waiting",
    tone: bad ? "bad" : "warn",
    word: bad ? words.state.unreachable : words.state.retrying,
    sentence,
    deed,
    group: "needs",
  };
}

/** Codes whose mend is a change of the entry, and those that memory mends; the rest is in the log. */
const BY_CONFIG =
  /^(package_(not_found|version|sign_in|scripts|wrong)|image_(name|missing|architecture)|program_|command_|isolation_value|flag_|unsafe_|volume_|allow_unsafe|reference_|secret_)/;

export function mend(server: Server): Deed {
  const code = server.diagnostic?.code ?? "";
  if (server.last_exit?.oom_killed || /out_of_memory/.test(code)) return "memory";
  if (/^engine_/.test(code)) return "engine";
  if (BY_CONFIG.test(code)) return "config";
  return "logs";
}

function openSentence(server: Server, now: number): string {
  if (server.unprotected_until) return words.state.unprotectedFor(left(server.unprotected_until, now));
  if (server.unprotected_until_quit) return words.state.unprotectedUntilQuit;
  return server.isolation_ignored ? words.state.isolationIgnored : words.state.unprotectedPlain;
}

export function sorted(servers: readonly Server[], paused: boolean): Server[] {
  const looks = new Map(servers.map((server) => [server.name, ORDER[look(server, paused).group]]));
  return [...servers].sort(
    (a, b) => (looks.get(a.name) ?? 0) - (looks.get(b.name) ?? 0) || a.name.localeCompare(b.name, "en", { numeric: true }),
  );
}

export interface Counts {
  all: number;
  needs: number;
  running: number;
  isolated: number;
  unprotected: number;
  held: number;
  elsewhere: number;
}

/** Each number is counted from the rows that are shown, so headings and lists agree. */
export function counts(servers: readonly Server[], paused: boolean): Counts {
  const sum: Counts = { all: 0, needs: 0, running: 0, isolated: 0, unprotected: 0, held: 0, elsewhere: 0 };
  for (const server of servers) {
    const { group } = look(server, paused);
    sum.all += 1;
    if (group === "needs") sum.needs += 1;
    if (group === "running") sum.running += 1;
    if (!server.enabled) continue;
    if (server.quarantined) sum.held += 1;
    else if (server.placement === "container") sum.isolated += 1;
    else if (server.placement === "host") sum.unprotected += 1;
    else sum.elsewhere += 1;
  }
  return sum;
}

/** The next memory limit a person would try: twice the one in force, in the unit people write. */
export function raisedMemory(server: Server, fallback: string): string {
  const now = server.isolation?.memory_limit ?? fallback;
  const parts = /^(\d+(?:\.\d+)?)\s*([kmg])?b?$/i.exec(now) ?? ["", "512", "m"];
  const mega = Number(parts[1]) * { k: 1 / 1024, m: 1, g: 1024 }[(parts[2] ?? "m").toLowerCase() as "k" | "m" | "g"];
  const next = Math.max(256, Math.round(mega * 2));
  return next % 1024 === 0 ? `${next / 1024}g` : `${next}m`;
}

/** The image as people say it: without the registry and folder that go without saying. */
export function imageName(image: string | null | undefined): string | undefined {
  return image?.replace(/^docker\.io\/(library\/)?/, "") || undefined;
}

/** The whole row for a screen reader. */
export function spoken(server: Server, paused: boolean): string {
  const { word, sentence } = look(server, paused);
  const parts = [server.name, word, protection(server)];
  if (server.connected) parts.push(words.tools(server.tool_count));
  if (sentence) parts.push(sentence);
  return parts.join(", ");
}

export function protection(server: Server): string {
  switch (server.placement) {
    case "container":
      return words.protection.isolated;
    case "own_container":
      return words.protection.own;
    case "remote":
      return words.protection.elsewhere;
    default:
      return words.protection.open;
  }
}

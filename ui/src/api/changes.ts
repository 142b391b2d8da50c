/** One long poll tells what to read again; nothing else asks the core by itself. */

import type { Host } from "../host/host";
import { SignedOut } from "../host/host";
import { ApiError, call, type Shape } from "./client";

type Change = Shape<"ChangeEntry">;

export interface Listener {
  /** Kinds of change since the last time, each once, with the servers named. `undefined`: read everything. */
  changed(kinds: Map<string, Set<string>> | undefined): void;
  /** 0 while the core answers, else the number of the next try. */
  lost(tries: number): void;
  signedOut(): void;
}

const WAIT = 25;
const LONGEST_PAUSE = 8_000;
/** A burst of changes becomes one look. */
const GATHER = 120;

/** Follows the core's change log until `signal` ends it. Rests while the page is hidden. */
export async function follow(host: Host, listener: Listener, signal: AbortSignal, page: Document = document): Promise<void> {
  let revision: number | undefined;
  let tries = 0;
  while (!signal.aborted) {
    if (page.hidden) {
      await shown(page, signal);
      continue;
    }
    try {
      if (revision === undefined) {
        revision = (await call(host, "get", "/api/v1/changes", { signal })).revision;
        listener.changed(undefined);
      }
      if (tries > 0) {
        tries = 0;
        listener.lost(0);
      }
      const asked: { since: number; wait: number } = { since: revision, wait: WAIT };
      const answer = await call(host, "get", "/api/v1/changes", { query: asked, signal: stopped(page, signal) });
      revision = answer.revision;
      if (answer.changes.length > 0) {
        listener.changed(gathered(answer.changes));
        await pause(GATHER, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DOMException && error.name === "AbortError") continue;
      if (error instanceof SignedOut) return listener.signedOut();
      if (error instanceof ApiError && error.status === 410) {
        revision = undefined;
        continue;
      }
      // Another run of the core begins its numbers anew, so everything is read again.
      revision = undefined;
      tries += 1;
      listener.lost(tries);
      await pause(Math.min(LONGEST_PAUSE, 250 * 2 ** tries), signal);
    }
  }
}

export function gathered(changes: readonly Change[]): Map<string, Set<string>> {
  const kinds = new Map<string, Set<string>>();
  for (const change of changes) {
    const servers = kinds.get(change.kind) ?? new Set<string>();
    for (const server of change.servers ?? []) servers.add(server);
    kinds.set(change.kind, servers);
  }
  return kinds;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

function shown(page: Document, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (page.hidden && !signal.aborted) return;
      page.removeEventListener("visibilitychange", look);
      resolve();
    };
    page.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
  });
}

/** Ends with `signal`, and when the page is hidden. */
function stopped(page: Document, signal: AbortSignal): AbortSignal {
  const control = new AbortController();
  const stop = () => {
    if (!page.hidden && !signal.aborted) return;
    page.removeEventListener("visibilitychange", stop);
    control.abort(new DOMException("hidden", "AbortError"));
  };
  page.addEventListener("visibilitychange", stop);
  signal.addEventListener("abort", stop, { once: true });
  return control.signal;
}

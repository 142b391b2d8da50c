import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { ApiError, call, type Shape } from "../../api/client";
import { useHost } from "../../api/core";

type Figures = Shape<"ServerFigures">;

/** The last samples of a server. */
export interface Samples {
  cpu: number[];
  now: Figures;
}

const KEPT = 60;
const WAIT = 10;
const Feed = createContext<ReadonlyMap<string, Samples>>(new Map());
export const useSamples = () => useContext(Feed);

/** CPU and memory while somebody looks: the core samples only while it is asked, so this asks only in sight. */
export function FiguresFeed({ children }: { children: ReactNode }) {
  const host = useHost();
  const [samples, setSamples] = useState<ReadonlyMap<string, Samples>>(new Map());
  useEffect(() => {
    const control = new AbortController();
    const run = async () => {
      let since: number | undefined;
      while (!control.signal.aborted) {
        if (document.hidden) {
          await once(document, "visibilitychange", control.signal);
          continue;
        }
        try {
          const query = since === undefined ? { wait: WAIT } : { since, wait: WAIT };
          const answer = await call(host, "get", "/api/v1/figures", { query, signal: control.signal });
          if (answer.revision !== since) setSamples((before) => added(before, answer.servers));
          since = answer.revision;
        } catch (error) {
          if (control.signal.aborted) return;
          since = undefined;
          await new Promise((next) => setTimeout(next, error instanceof ApiError ? 15_000 : 3_000));
        }
      }
    };
    void run();
    return () => control.abort();
  }, [host]);
  return <Feed value={samples}>{children}</Feed>;
}

export function added(before: ReadonlyMap<string, Samples>, servers: readonly Figures[]): Map<string, Samples> {
  return new Map(
    servers.map((now) => {
      const cpu = before.get(now.name)?.cpu ?? [];
      return [now.name, { now, cpu: now.cpu_percent == null ? cpu : [...cpu, now.cpu_percent].slice(-KEPT) }];
    }),
  );
}

function once(target: EventTarget, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      target.removeEventListener(event, done);
      resolve();
    };
    target.addEventListener(event, done);
    signal.addEventListener("abort", done, { once: true });
  });
}

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { follow } from "../api/changes";
import { useHost } from "../api/core";
import { invalidate, type Subject, staleSubjects } from "../api/queries";

interface Connection {
  /** 0 while the core answers, else the number of the next try. */
  tries: number;
  signedOut: boolean;
}

const Connected = createContext<Connection>({ tries: 0, signedOut: false });
export const useConnection = () => useContext(Connected);

const CALM = 1500;

/** Calls come by the hundred; the history is read again at most every one and a half seconds. */
function calmly(tell: (stale: ReadonlySet<Subject> | undefined) => void, signal: AbortSignal) {
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => clearTimeout(timer));
  const history = () => {
    timer = undefined;
    last = Date.now();
    tell(new Set(["activity"]));
  };
  return (stale: Set<Subject> | undefined) => {
    if (stale?.delete("activity")) timer ??= setTimeout(history, Math.max(0, last + CALM - Date.now()));
    if (stale === undefined || stale.size > 0) tell(stale);
  };
}

/** Keeps what is shown true: turns the core's changes into stale answers. */
export function Live({ children }: { children: ReactNode }) {
  const host = useHost();
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ tries: 0, signedOut: false });
  useEffect(() => {
    const control = new AbortController();
    const stale = calmly((subjects) => invalidate(client, subjects), control.signal);
    void follow(
      host,
      {
        changed: (kinds) => stale(kinds && staleSubjects(kinds.keys())),
        lost: (tries) => setConnection({ tries, signedOut: false }),
        signedOut: () => setConnection({ tries: 0, signedOut: true }),
      },
      control.signal,
    );
    return () => control.abort();
  }, [host, client]);
  return <Connected value={connection}>{children}</Connected>;
}

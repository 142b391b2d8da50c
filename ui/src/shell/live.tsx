import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { follow } from "../api/changes";
import { useHost } from "../api/core";
import { invalidate, staleSubjects } from "../api/queries";

interface Connection {
  /** 0 while the core answers, else the number of the next try. */
  tries: number;
  signedOut: boolean;
}

const Connected = createContext<Connection>({ tries: 0, signedOut: false });
export const useConnection = () => useContext(Connected);

/** Keeps what is shown true: turns the core's changes into stale answers. */
export function Live({ children }: { children: ReactNode }) {
  const host = useHost();
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ tries: 0, signedOut: false });
  useEffect(() => {
    const control = new AbortController();
    void follow(
      host,
      {
        changed: (kinds) => invalidate(client, kinds && staleSubjects(kinds.keys())),
        lost: (tries) => setConnection({ tries, signedOut: false }),
        signedOut: () => setConnection({ tries: 0, signedOut: true }),
      },
      control.signal,
    );
    return () => control.abort();
  }, [host, client]);
  return <Connected value={connection}>{children}</Connected>;
}

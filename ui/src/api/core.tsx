import { createContext, type ReactNode, useContext } from "react";
import type { Host } from "../host/host";

const Core = createContext<Host | undefined>(undefined);

export function CoreProvider({ host, children }: { host: Host; children: ReactNode }) {
  return <Core value={host}>{children}</Core>;
}

/** The way to the core. */
export function useHost(): Host {
  const host = useContext(Core);
  if (!host) throw new Error("no CoreProvider above");
  return host;
}

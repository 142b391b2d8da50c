import { useState } from "react";
import { useLocation } from "wouter";
import { useDeeds } from "../../api/deeds";
import { useRead } from "../../api/queries";
import { limit } from "../../model/format";
import { type Deed, raisedMemory, type Server } from "../../model/server";
import { Button } from "../../parts/button";
import { serverPath } from "../../shell/paths";
import { words } from "../../words";
import { EngineSheet } from "../engine/sheet";
import { useIsolation } from "../isolation/leave";

/** The one step that a state proposes. */
export function DeedButton({ deed, server, tabIndex }: { deed: Deed; server: Server; tabIndex?: number }) {
  const [, go] = useLocation();
  const deeds = useDeeds();
  const isolation = useIsolation();
  const memory = useMemoryDefault(deed === "memory");
  const [engine, setEngine] = useState(false);
  const d = words.deed;
  const run: Record<Deed, () => unknown> = {
    restart: () => deeds.restart(server.name),
    retry: () => deeds.restart(server.name),
    enable: () => deeds.enable(server.name),
    resume: () => deeds.resume(),
    cancel: () => deeds.cancel(server.name),
    isolate: () => isolation.on(server),
    logs: () => go(serverPath(server.name, "logs")),
    review: () => go(serverPath(server.name)),
    engine: () => setEngine(true),
    memory: () => deeds.raiseMemory(server, memory),
    config: () => go(serverPath(server.name, "config")),
  };
  const label = deed === "memory" ? d.memory(limit(raisedMemory(server, memory))) : d[deed];
  return (
    <>
      <Button small {...(tabIndex !== undefined && { tabIndex })} onClick={() => void run[deed]()} className="h-6.5 min-h-[26px]">
        {label}
      </Button>
      {engine && <EngineSheet onClose={() => setEngine(false)} />}
    </>
  );
}

function useMemoryDefault(enabled: boolean): string {
  const { data } = useRead("config", "/api/v1/config", {}, { enabled });
  const isolation = (data?.config as { docker_isolation?: { memory_limit?: string } } | undefined)?.docker_isolation;
  return isolation?.memory_limit ?? "512m";
}

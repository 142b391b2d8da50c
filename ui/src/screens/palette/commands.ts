import { useMemo } from "react";
import { useLocation } from "wouter";
import { useDeeds } from "../../api/deeds";
import { useServers } from "../../api/queries";
import { cleanLine } from "../../model/text";
import { SECTIONS } from "../../shell/nav";
import { serverPath } from "../../shell/paths";
import { words } from "../../words";
import { useIsolation } from "../isolation/leave";
import { usePaused } from "../servers/screen";

export interface Command {
  id: string;
  label: string;
  key?: string;
  run(): void;
}

const w = words.palette;

/** What can be done from anywhere. */
export function useCommands(): Command[] {
  const [, go] = useLocation();
  const deeds = useDeeds();
  const isolation = useIsolation();
  const paused = usePaused();
  const servers = useServers().data?.servers;
  return useMemo(() => {
    const commands: Command[] = [
      ...SECTIONS.map((section) => ({ id: section.path, label: section.label, key: `mod+${section.key}`, run: () => go(section.path) })),
      { id: "add", label: w.add, key: "mod+n", run: () => go("/add") },
      { id: "pause", label: paused ? w.resume : w.pause, key: "mod+.", run: () => void (paused ? deeds.resume() : deeds.pause()) },
      { id: "docker", label: w.checkDocker, run: () => void deeds.checkEngine() },
      { id: "welcome", label: words.clients.setUpAgain, run: () => go("/welcome") },
    ];
    for (const server of servers ?? []) {
      const name = cleanLine(server.name);
      commands.push(
        { id: `open ${server.name}`, label: name, run: () => go(serverPath(server.name)) },
        { id: `isolation ${server.name}`, label: w.of(words.server.isolation, name), run: () => go(serverPath(server.name, "isolation")) },
        { id: `logs ${server.name}`, label: w.of(words.deed.logs, name), run: () => go(serverPath(server.name, "logs")) },
        { id: `restart ${server.name}`, label: w.of(words.deed.restart, name), run: () => void deeds.restart(server.name) },
        server.enabled
          ? { id: `off ${server.name}`, label: w.of(words.deed.disable, name), run: () => void deeds.disable(server.name) }
          : { id: `on ${server.name}`, label: w.of(words.deed.enable, name), run: () => void deeds.enable(server.name) },
      );
      if (server.placement === "container" || server.placement === "host") {
        commands.push({
          id: `isolate ${server.name}`,
          label: w.of(server.placement === "host" ? words.deed.isolate : w.unprotect, name),
          run: () => isolation.toggle(server),
        });
      }
    }
    return commands;
  }, [go, deeds, isolation, paused, servers]);
}

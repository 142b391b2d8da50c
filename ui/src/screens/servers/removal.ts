import { useCallback } from "react";
import { call } from "../../api/client";
import { useHost } from "../../api/core";
import { useDeeds } from "../../api/deeds";
import type { Server } from "../../model/server";
import { cleanLine } from "../../model/text";
import { useToasts } from "../../parts/toasts";
import { words } from "../../words";

/** Removing with a way back: the core keeps the entry for a while, secrets and all. */
export function useRemoval(): (server: Server) => Promise<void> {
  const host = useHost();
  const deeds = useDeeds();
  const { say } = useToasts();
  return useCallback(
    async ({ name }: Server) => {
      if (!(await deeds.remove(name))) return;
      say(words.serversScreen.removed(cleanLine(name)), {
        undo: () => void deeds.act(() => call(host, "post", "/api/v1/servers/undo_remove", { body: { name } }), "config"),
      });
    },
    [host, deeds, say],
  );
}

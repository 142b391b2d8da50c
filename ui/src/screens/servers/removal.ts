import { useCallback, useEffect, useRef, useState } from "react";
import { useDeeds } from "../../api/deeds";
import type { Server } from "../../model/server";
import { useToasts } from "../../parts/toasts";
import { words } from "../../words";

/**
 * Removing with a way back: the server is turned off at once and removed ten seconds later, since its secrets could
 * not be brought back by the window. Leaving the list makes it final.
 */
export function useRemoval() {
  const deeds = useDeeds();
  const { say } = useToasts();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef(new Set<string>());

  const show = useCallback((name: string) => setHidden((now) => new Set([...now].filter((other) => other !== name))), []);
  const finish = useCallback(
    async (name: string) => {
      if (!waiting.current.delete(name)) return;
      await deeds.remove(name);
      show(name);
    },
    [deeds, show],
  );
  const remove = useCallback(
    (server: Server) => {
      const { name, enabled } = server;
      waiting.current.add(name);
      setHidden((now) => new Set(now).add(name));
      if (enabled) void deeds.disable(name);
      say(words.serversScreen.removed(name), {
        undo: () => {
          waiting.current.delete(name);
          show(name);
          if (enabled) void deeds.enable(name);
        },
        onDone: () => void finish(name),
      });
    },
    [deeds, say, show, finish],
  );
  useEffect(() => {
    const all = () => {
      for (const name of waiting.current) void finish(name);
    };
    addEventListener("pagehide", all);
    return () => {
      removeEventListener("pagehide", all);
      all();
    };
  }, [finish]);
  return { hidden, remove };
}

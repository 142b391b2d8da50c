import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { useDeeds } from "../../api/deeds";
import type { Server } from "../../model/server";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { useToasts } from "../../parts/toasts";
import { words } from "../../words";

const w = words.leaveIsolation;

interface Isolation {
  on(server: Server): void;
  /** On at once; off asks first. */
  toggle(server: Server): void;
}

const Context = createContext<Isolation>({ on() {}, toggle() {} });
export const useIsolation = () => useContext(Context);

/** Switching isolation on never asks; switching it off always does, everywhere in the same words. */
export function IsolationProvider({ children }: { children: ReactNode }) {
  const deeds = useDeeds();
  const [asked, setAsked] = useState<Server>();
  const on = useCallback((server: Server) => void deeds.isolate(server.name, true), [deeds]);
  const value = useMemo<Isolation>(
    () => ({
      on,
      toggle(server) {
        if (server.placement === "host") on(server);
        else if (server.placement === "container") setAsked(server);
      },
    }),
    [on],
  );
  return (
    <Context value={value}>
      {children}
      {asked && <Leave server={asked} onClose={() => setAsked(undefined)} />}
    </Context>
  );
}

function Leave({ server, onClose }: { server: Server; onClose(): void }) {
  const deeds = useDeeds();
  const { say } = useToasts();
  const secrets = Object.keys(server.env ?? {}).length;
  const leave = async () => {
    onClose();
    if (await deeds.isolate(server.name, false)) {
      say(w.done(server.name), { undo: () => void deeds.isolate(server.name, true) });
    }
  };
  return (
    <Dialog
      alert
      size="small"
      title={w.title(server.name)}
      onClose={onClose}
      foot={
        <>
          <Button kind="filled" autoFocus onClick={onClose} className="me-auto">
            {w.keep}
          </Button>
          <Button kind="danger" onClick={() => void leave()}>
            {w.always}
          </Button>
        </>
      }
    >
      <p>{w.text}</p>
      {secrets > 0 && <p className="mt-2">{w.secrets(secrets)}</p>}
    </Dialog>
  );
}

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { useDeeds } from "../../api/deeds";
import type { Server } from "../../model/server";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Segments } from "../../parts/field";
import { useToasts } from "../../parts/toasts";
import { useRemembered } from "../../shell/remembered";
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

const HOUR = 3600;
type Duration = "hour" | "quit" | "always";

function Leave({ server, onClose }: { server: Server; onClose(): void }) {
  const deeds = useDeeds();
  const { say } = useToasts();
  const [duration, setDuration] = useRemembered<Duration>("unprotected-for", "hour");
  const secrets = Object.keys(server.env ?? {}).length;
  const leave = async () => {
    onClose();
    const how = duration === "hour" ? { for_seconds: HOUR } : duration === "quit" ? { until_quit: true } : {};
    if (await deeds.isolate(server.name, false, how)) {
      const done = { hour: w.doneHour, quit: w.doneQuit, always: w.done }[duration];
      say(done(cleanLine(server.name)), { undo: () => void deeds.isolate(server.name, true) });
    }
  };
  return (
    <Dialog
      alert
      size="small"
      title={w.title(cleanLine(server.name))}
      onClose={onClose}
      foot={
        <>
          <Button kind="filled" data-autofocus onClick={onClose}>
            {w.keep}
          </Button>
          <Button kind="danger" onClick={() => void leave()}>
            {w.leave}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>
          {w.text} {secrets > 0 && w.secrets(secrets)}
        </p>
        <Segments<Duration>
          label={w.howLong}
          value={duration}
          onChange={setDuration}
          options={[
            { value: "hour", label: w.hour },
            { value: "quit", label: w.quit },
            { value: "always", label: w.always },
          ]}
        />
      </div>
    </Dialog>
  );
}

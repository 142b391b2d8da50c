import { type ReactNode, useEffect } from "react";
import { useLocation } from "wouter";
import { useDeeds } from "../api/deeds";
import { useStatus } from "../api/queries";
import { useDesktop } from "../host/desktop";
import { timeOfDay } from "../model/format";
import { Button } from "../parts/button";
import { Notice } from "../parts/states";
import { useToasts } from "../parts/toasts";
import { words } from "../words";
import { Everywhere } from "./everywhere";
import { useConnection } from "./live";
import { Sidebar } from "./sidebar";

/** Sidebar, the notice of a lost core, and the screen. */
export function Frame({ children }: { children: ReactNode }) {
  const { tries } = useConnection();
  const [location] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address is what moves the focus
  useEffect(() => {
    if (document.activeElement === document.body || !document.activeElement) document.getElementById("content")?.focus();
  }, [location]);
  return (
    <div className="flex h-full">
      <a
        href="#content"
        onClick={skip}
        className="sr-only z-50 rounded-control bg-accent px-3 py-1.5 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        {words.skip}
      </a>
      <Sidebar />
      <main id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
        {tries > 1 && (
          <div role="alert" className="p-2">
            <Notice tone="bad">{words.lost.sentence(tries)}</Notice>
          </div>
        )}
        <DesktopNotices />
        <PauseNotice />
        <div className="min-h-0 flex-1">{children}</div>
      </main>
      <Everywhere />
    </div>
  );
}

/** What only the application knows: an unexpected end, and a desktop without a tray. */
function DesktopNotices() {
  const desktop = useDesktop();
  const { fail } = useToasts();
  const w = words.desktop;
  if (!desktop.state) return null;
  return (
    <>
      {desktop.state.previous_crash && (
        <div role="status" className="px-4 pt-2 wide:px-6">
          <Notice
            tone="warn"
            action={
              <>
                <Button small onClick={() => void desktop.crash(true).catch(fail)}>
                  {w.crashShow}
                </Button>
                <Button small onClick={() => void desktop.crash(false).catch(fail)}>
                  {w.crashClose}
                </Button>
              </>
            }
          >
            {w.crash}
          </Notice>
        </div>
      )}
      {!desktop.state.tray && (
        <div role="status" className="px-4 pt-2 wide:px-6">
          <Notice tone="busy">{w.noTray}</Notice>
        </div>
      )}
    </>
  );
}

function PauseNotice() {
  const paused = useStatus().data?.paused;
  const deeds = useDeeds();
  if (!paused) return null;
  return (
    <div role="status" className="px-4 pt-2 wide:px-6">
      <Notice
        tone="busy"
        action={
          <Button small onClick={() => void deeds.resume()}>
            {words.pause.resume}
          </Button>
        }
      >
        {words.pause.paused(timeOfDay(paused.since))}
      </Notice>
    </div>
  );
}

function skip(event: { preventDefault(): void }) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

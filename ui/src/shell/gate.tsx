import { type ReactNode, useEffect, useRef } from "react";
import { useHost } from "../api/core";
import { useServers } from "../api/queries";
import { type DesktopState, tellPainted, useDesktop } from "../host/desktop";
import { clean } from "../model/text";
import { Button } from "../parts/button";
import { CopyButton } from "../parts/copy";
import { Shield } from "../parts/mark";
import { useToasts } from "../parts/toasts";
import { words } from "../words";
import { useConnection } from "./live";

/** What stands instead of every screen: no session, or a program that could not start. */
export function Gate({ children }: { children: ReactNode }) {
  const host = useHost();
  const { tries, signedOut } = useConnection();
  const desktop = useDesktop();
  const { data, error } = useServers();
  const painted = useRef(false);
  const settled = Boolean(data || error || signedOut);
  useEffect(() => {
    if (!settled || painted.current) return;
    painted.current = true;
    tellPainted(host);
  }, [settled, host]);
  // A core that stopped answering may have failed; the application knows.
  const { refresh } = desktop;
  useEffect(() => {
    if (tries > 0) void refresh();
  }, [tries, refresh]);
  if (signedOut) return <SignedOutPage />;
  if (desktop.state?.problem) return <FailedPage state={desktop.state} />;
  return children;
}

function Page({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex h-full flex-col items-center justify-center gap-4 overflow-y-auto p-6 text-center">
      <Shield kind="half" className="size-12 text-accent" />
      <h1 className="font-semibold text-title">{title}</h1>
      {children}
    </main>
  );
}

function SignedOutPage() {
  const w = words.signedOut;
  return (
    <Page title={w.title}>
      <p className="max-w-[440px] text-muted">{w.text}</p>
      <div className="flex items-center gap-2 rounded-control border border-line bg-sunken py-1 ps-3 pe-1">
        <code>{w.command}</code>
        <CopyButton text={w.command} label={w.copy} />
      </div>
    </Page>
  );
}

function FailedPage({ state }: { state: DesktopState }) {
  const w = words.desktop;
  const desktop = useDesktop();
  const { fail } = useToasts();
  return (
    <Page title={w.failedTitle}>
      <p role="alert" className="max-w-[560px] break-words">
        {clean(state.problem?.sentence ?? "")}
      </p>
      <p className="text-muted">
        <code className="break-all">{clean(state.config_path)}</code>
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        <Button onClick={() => void desktop.open("logs").catch(fail)}>{w.openLogs}</Button>
        <Button onClick={() => void desktop.open("config").catch(fail)}>{w.openConfig}</Button>
        <Button kind="filled" onClick={() => void desktop.retry().catch(fail)}>
          {w.retry}
        </Button>
      </div>
    </Page>
  );
}

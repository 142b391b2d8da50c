import { useState } from "react";
import { Link } from "wouter";
import { call, type Shape } from "../../api/client";
import { useHost } from "../../api/core";
import { useDeeds } from "../../api/deeds";
import { useRead, useServers } from "../../api/queries";
import { clean, cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Shield } from "../../parts/mark";
import { Card, Screen, Scroll } from "../../parts/screen";
import { Empty, Failed, Notice, Skeleton } from "../../parts/states";
import { Switch } from "../../parts/switch";
import { serverPath } from "../../shell/paths";
import { words } from "../../words";
import { CheckAgain, EnginePanel } from "../engine/sheet";
import { ReachLine } from "../isolation/reach";

const w = words.security;
type ServerSecurity = Shape<"ServerSecurity">;
type Security = Shape<"Security">;

const SHIELD = {
  isolated: ["closed", "text-ok"],
  unprotected: ["open", "text-warn"],
  own_container: ["half", "text-off"],
} as const;

/** The global switch, what each server may reach, and what is weaker than it could be. */
export function SecurityScreen() {
  const { data, error, refetch } = useRead("security", "/api/v1/security");
  return (
    <Screen title={w.title} under={data && <p>{sums(data)}</p>}>
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton text={w.loading} />
      ) : (
        <Scroll label={w.title}>
          <GlobalSwitch security={data} />
          <Weaker servers={data.servers} />
          <Card title={w.reach} flush>
            {data.servers.length === 0 ? (
              <Empty text={words.serversScreen.empty} />
            ) : (
              <ul aria-label={w.reach} className="divide-y divide-line">
                {data.servers.map((server) => (
                  <Row key={server.server} server={server} />
                ))}
              </ul>
            )}
          </Card>
          <Card title={words.engine.title} actions={<CheckAgain small />}>
            <EnginePanel />
          </Card>
        </Scroll>
      )}
    </Screen>
  );
}

function sums(security: Security): string {
  const s = words.serversScreen;
  return [
    s.isolated(security.isolated),
    s.unprotected(security.unprotected),
    s.held(security.held),
    s.elsewhere(security.elsewhere + security.own_container),
    security.off > 0 && s.off(security.off),
  ]
    .filter(Boolean)
    .join(", ");
}

function GlobalSwitch({ security }: { security: Security }) {
  const host = useHost();
  const deeds = useDeeds();
  const [asking, setAsking] = useState(false);
  const set = (enabled: boolean) => {
    setAsking(false);
    void deeds.act(
      () => call(host, "patch", "/api/v1/config/docker-isolation", { body: { enabled } }),
      "security",
      "engine",
      "config",
      "explain",
    );
  };
  const on = security.isolation_enabled;
  return (
    <Card>
      <div className="flex items-center gap-3">
        <Shield kind={on ? "closed" : "open"} className={`size-6 ${on ? "text-ok" : "text-warn"}`} />
        <div className="min-w-0 flex-1">
          <p className="font-medium">{w.global}</p>
          <p className="text-muted">{on ? w.globalOn : w.globalOff}</p>
        </div>
        <Switch on={on} tone="ok" label={w.global} onChange={(next) => (next ? set(true) : setAsking(true))} />
      </div>
      {asking && (
        <Dialog
          alert
          size="small"
          title={w.offTitle}
          onClose={() => setAsking(false)}
          foot={
            <>
              <Button kind="filled" data-autofocus onClick={() => setAsking(false)}>
                {words.leaveIsolation.keep}
              </Button>
              <Button kind="danger" onClick={() => set(false)}>
                {w.offDo}
              </Button>
            </>
          }
        >
          <p>{w.offText(security.isolated)}</p>
        </Dialog>
      )}
    </Card>
  );
}

/** What could be closed, the worst first, each with the one change that closes it. */
function Weaker({ servers }: { servers: readonly ServerSecurity[] }) {
  const deeds = useDeeds();
  const found = servers.flatMap((server) =>
    server.protection === "off" ? [] : server.weaknesses.map((weakness) => ({ server: server.server, weakness })),
  );
  return (
    <Card title={w.weaker} flush>
      {found.length === 0 ? (
        <p className="px-4 py-3 text-muted">{w.nothingWeaker}</p>
      ) : (
        <ul aria-label={w.weaker} className="divide-y divide-line">
          {found.map(({ server, weakness }) => (
            <li key={`${server} ${weakness.code} ${weakness.value}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
              <Link href={serverPath(server, "isolation")} className="w-32 truncate font-medium hover:underline">
                {cleanLine(server)}
              </Link>
              <p className="min-w-0 flex-1 basis-64 break-words">{clean(weakness.text)}</p>
              {weakness.close ? (
                <Button
                  small
                  aria-label={w.closeFor(server, closeLabel(weakness.code))}
                  onClick={() => void deeds.act(() => deeds.change(server, weakness.close as Record<string, unknown>), "security")}
                >
                  {closeLabel(weakness.code)}
                </Button>
              ) : (
                <Link href={serverPath(server, "isolation")} className="text-accent hover:underline" aria-label={w.lookFor(server)}>
                  {w.look}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function closeLabel(code: string): string {
  return w.close[code] ?? w.close.other ?? "";
}

function Row({ server }: { server: ServerSecurity }) {
  const [kind, tone] = SHIELD[server.protection as keyof typeof SHIELD] ?? ["none", "text-off"];
  const name = cleanLine(server.server);
  const live = useServers().data?.servers.find((other) => other.name === server.server);
  return (
    <li>
      <details className="group">
        <summary className="flex min-h-11 items-center gap-3 px-4 outline-offset-[-2px] hover:bg-hover">
          <Shield kind={kind} className={tone} />
          <span className="w-32 truncate font-medium">{name}</span>
          <span className="min-w-0 flex-1 truncate text-muted">{server.refusal ? clean(server.refusal) : short(server)}</span>
          <span className="text-muted text-small">{w.protection[server.protection] ?? server.protection}</span>
        </summary>
        <div className="px-4 pt-1 pb-3 ps-11">
          {server.refusal && <Notice tone="bad">{clean(server.refusal)}</Notice>}
          <ul className="flex flex-col gap-1.5">
            {server.lines.map((line) => (
              <ReachLine key={`${line.key} ${line.text}`} line={line} />
            ))}
          </ul>
          {live && (
            <Link href={serverPath(server.server, "isolation")} className="mt-2 inline-block text-accent hover:underline">
              {w.change}
            </Link>
          )}
        </div>
      </details>
    </li>
  );
}

/** Files and network in a line; the rest is behind it. */
function short(server: ServerSecurity): string {
  const lines = server.lines.filter((line) => line.kind === "files" || line.kind === "network");
  return (lines.length > 0 ? lines : server.lines).map((line) => cleanLine(line.text)).join(" ");
}

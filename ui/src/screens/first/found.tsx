import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { call, type Shape } from "../../api/client";
import { useHost } from "../../api/core";
import { invalidate, useEngine, useRead, useServers } from "../../api/queries";
import { engineLook } from "../../model/engine";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { Checkbox } from "../../parts/field";
import { StateMark } from "../../parts/mark";
import { Card } from "../../parts/screen";
import { Failed, Notice, Skeleton } from "../../parts/states";
import { useToasts } from "../../parts/toasts";
import { words } from "../../words";
import { EngineSheet } from "../engine/sheet";
import { FoundRow } from "./found-row";
import { Page } from "./page";
import { STARTERS } from "./starters";

const w = words.first;
export type Importable = Shape<"ImportableServer">;

/** Screen A: the servers of other clients, what each would see here, and nothing changed yet. */
export function Found({ onTaken, onLeave }: { onTaken(names: string[]): void; onLeave(): void }) {
  const { data, error, refetch } = useRead("clients", "/api/v1/import");
  const known = useRead("clients", "/api/v1/clients").data?.clients;
  const existing = useServers().data?.servers ?? [];
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [denied, setDenied] = useState<ReadonlySet<string>>(new Set());
  const [starters, setStarters] = useState<ReadonlySet<string>>(new Set(STARTERS.map((one) => one.name)));
  const [busy, setBusy] = useState(false);
  const take = useTake();
  const found = useMemo(() => (data?.servers ?? []).filter((server) => !server.exists), [data]);
  useEffect(() => setTicked(new Set(found.filter((server) => server.ticked).map((server) => server.id))), [found]);
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton text={words.clients.looking} />;

  const names = new Map((known ?? []).map((client) => [client.id, cleanLine(client.name)]));
  const none = found.length === 0;
  const offered = STARTERS.filter((one) => !existing.some((server) => server.name === one.name));
  const count = none ? offered.filter((one) => starters.has(one.name)).length : ticked.size;
  const clients = new Set(found.flatMap((server) => server.clients.map((origin) => origin.client))).size;
  const go = async () => {
    setBusy(true);
    const names = none
      ? await take.starters(offered.filter((one) => starters.has(one.name)))
      : await take.import(
          found.filter((server) => ticked.has(server.id)),
          denied,
        );
    setBusy(false);
    if (names.length > 0) onTaken(names);
  };
  return (
    <Page
      title={none ? w.noneTitle : w.foundTitle}
      text={none ? w.noneText : w.foundText(found.length, clients)}
      foot={
        <>
          <span className="me-auto text-muted">{w.nothingChanged}</span>
          <Button onClick={onLeave}>{w.notNow}</Button>
          {none && existing.length > 0 && (
            <Button onClick={() => onTaken(existing.filter((server) => server.enabled).map((server) => server.name))}>
              {w.onlyConnect}
            </Button>
          )}
          <Button kind="filled" disabled={count === 0 || busy} busy={busy} onClick={() => void go()}>
            {none ? w.starters(count) : w.isolate(count)}
          </Button>
        </>
      }
    >
      <Card flush>
        <ul aria-label={w.list} className="divide-y divide-line">
          {none
            ? offered.map((one) => (
                <li key={one.name} className="px-4 py-1.5">
                  <Checkbox
                    label={one.name}
                    hint={one.about}
                    checked={starters.has(one.name)}
                    onChange={() => setStarters(toggled(starters, one.name))}
                  />
                </li>
              ))
            : found.map((server) => (
                <FoundRow
                  key={server.id}
                  server={server}
                  clients={names}
                  ticked={ticked.has(server.id)}
                  denied={denied}
                  onTick={() => setTicked(toggled(ticked, server.id))}
                  onDeny={(folder) => setDenied(toggled(denied, `${server.id} ${folder}`))}
                />
              ))}
          {none && offered.length === 0 && <li className="px-4 py-3 text-muted">{w.allHere}</li>}
        </ul>
      </Card>
      {data.unread.map((unread) => (
        <Unread key={unread.client} unread={unread} />
      ))}
      <EngineLine />
    </Page>
  );
}

function toggled(set: ReadonlySet<string>, item: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

function Unread({ unread }: { unread: Shape<"UnreadClient"> }) {
  const host = useHost();
  const queries = useQueryClient();
  const { fail } = useToasts();
  const look = () => {
    call(host, "post", "/api/v1/clients/{id}/look", { path: { id: unread.client } })
      .catch(fail)
      .finally(() => invalidate(queries, new Set(["clients"])));
  };
  return (
    <Notice
      tone="warn"
      action={
        unread.code === "client_needs_consent" && (
          <Button small onClick={look}>
            {words.clients.look}
          </Button>
        )
      }
    >
      {cleanLine(unread.sentence)}
    </Notice>
  );
}

function EngineLine() {
  const engine = useEngine().data;
  const [open, setOpen] = useState(false);
  if (!engine) return null;
  const { mark, tone } = engineLook(engine);
  return (
    <div className="flex flex-wrap items-center gap-2.5">
      <StateMark mark={mark} tone={tone} />
      <span className="min-w-0 flex-1">{w.docker(cleanLine(engine.summary))}</span>
      <Button small kind="quiet" onClick={() => setOpen(true)}>
        {words.details}
      </Button>
      {open && <EngineSheet onClose={() => setOpen(false)} />}
    </div>
  );
}

/** Taking servers over; each that cannot be taken is told with its reason. */
function useTake() {
  const host = useHost();
  const queries = useQueryClient();
  const { fail, say } = useToasts();
  const refresh = () => invalidate(queries, new Set(["servers", "clients", "config"]));
  return {
    async import(servers: readonly Importable[], denied: ReadonlySet<string>): Promise<string[]> {
      try {
        const done = await call(host, "post", "/api/v1/import", {
          body: {
            servers: servers.map((server) => ({
              id: server.id,
              folders: server.folders.filter((folder) => !denied.has(`${server.id} ${folder}`)),
            })),
            confirm_references: [...new Set(servers.flatMap((server) => server.references))],
          },
        });
        for (const server of done.servers) if (!server.added && server.message) say(cleanLine(server.message), { seconds: 12 });
        return done.servers.filter((server) => server.added).map((server) => server.name);
      } catch (error) {
        fail(error);
        return [];
      } finally {
        refresh();
      }
    },
    async starters(servers: readonly { name: string; command: string; args: string[] }[]): Promise<string[]> {
      const added: string[] = [];
      for (const { name, command, args } of servers) {
        try {
          await call(host, "post", "/api/v1/servers", { body: { name, command, args } as never });
          added.push(name);
        } catch (error) {
          fail(error);
        }
      }
      refresh();
      return added;
    },
  };
}

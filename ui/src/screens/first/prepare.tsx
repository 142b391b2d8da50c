import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { invalidate, useRead, useServers } from "../../api/queries";
import { type Client, isHere } from "../../model/client";
import { look, type Server } from "../../model/server";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { diffCount } from "../../parts/diff";
import { Checkbox } from "../../parts/field";
import { StateMark } from "../../parts/mark";
import { ProgressBar } from "../../parts/progress";
import { Card } from "../../parts/screen";
import { useToasts } from "../../parts/toasts";
import { words } from "../../words";
import { type Change, ChangePreview, useChange, useChangePreview } from "../clients/change";
import { Page } from "./page";

const w = words.first;

/** Screen B: servers become ready while the changes of the clients' files are looked at. */
export function Prepare({ names, onBack, onDone }: { names: readonly string[]; onBack(): void; onDone(): void }) {
  const servers = (useServers().data?.servers ?? []).filter((server) => names.includes(server.name));
  const clients = (useRead("clients", "/api/v1/clients").data?.clients ?? []).filter(isHere).filter((client) => client.state !== "trouble");
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [changes, setChanges] = useState<ReadonlyMap<string, Change>>(new Map());
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const { fail, say } = useToasts();
  const change = useChange();
  // A preview is good for the servers that answer now; each new one makes it anew.
  const ready = servers
    .filter((server) => server.connected)
    .map((server) => server.name)
    .join(" ");
  const chosen = clients.filter((client) => !left.has(client.id) && (changes.get(client.id)?.diff.length ?? 0) > 0);
  const connect = async () => {
    setBusy(true);
    let connected = 0;
    for (const client of chosen) {
      const seen = changes.get(client.id);
      if (!seen) continue;
      try {
        await change(client.id, "connect", seen.fingerprint);
        connected += 1;
      } catch (error) {
        if (error instanceof ApiError && error.code === "client_file_changed")
          say(words.clients.meanwhile(cleanLine(client.name)), { seconds: 12 });
        else fail(error);
        invalidate(queries, new Set(["clients"]));
      }
    }
    setBusy(false);
    if (connected === chosen.length) onDone();
  };
  return (
    <Page
      title={w.preparing(names.length)}
      text={w.preparingText}
      foot={
        <>
          <Button className="me-auto" onClick={onBack}>
            {words.back}
          </Button>
          {clients.length > 0 && <Button onClick={onDone}>{w.skipConnect}</Button>}
          {clients.length > 0 ? (
            <Button kind="filled" disabled={chosen.length === 0 || !ready || busy} busy={busy} onClick={() => void connect()}>
              {w.connect(chosen.length)}
            </Button>
          ) : (
            <Button kind="filled" onClick={onDone}>
              {w.next}
            </Button>
          )}
        </>
      }
    >
      <Card flush>
        <ul aria-label={words.nav.servers} className="divide-y divide-line">
          {servers.map((server) => (
            <Row key={server.name} server={server} />
          ))}
        </ul>
      </Card>
      {clients.length > 0 && (
        <Card title={w.changes} flush>
          <ul className="divide-y divide-line">
            {clients.map((client) => (
              <ClientChange
                key={client.id}
                client={client}
                version={ready}
                checked={!left.has(client.id)}
                onCheck={(on) => setLeft((now) => new Set(on ? [...now].filter((id) => id !== client.id) : [...now, client.id]))}
                onChange={(made) =>
                  setChanges((now) => (now.get(client.id)?.fingerprint === made.fingerprint ? now : new Map(now).set(client.id, made)))
                }
              />
            ))}
          </ul>
          <p className="border-line border-t px-4 py-2.5 text-muted">{w.onlyReady}</p>
        </Card>
      )}
    </Page>
  );
}

function Row({ server }: { server: Server }) {
  const { mark, tone } = look(server);
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5">
      <StateMark mark={mark} tone={tone} />
      <span className="w-32 truncate font-medium">{cleanLine(server.name)}</span>
      <span className="min-w-0 flex-1 basis-48 break-words text-muted">{cleanLine(server.state_text)}</span>
      {server.progress && <ProgressBar progress={server.progress} label={server.progress.subject} />}
    </li>
  );
}

interface ChangeWanted {
  client: Client;
  version: string;
  checked: boolean;
  onCheck(on: boolean): void;
  onChange(change: Change): void;
}

function ClientChange({ client, version, checked, onCheck, onChange }: ChangeWanted) {
  const { data, error } = useChangePreview(client.id, "connect", version);
  const [open, setOpen] = useState(false);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (data) tell.current(data);
  }, [data]);
  const sums = data && diffCount(data.diff);
  const hint = error
    ? cleanLine(error.message)
    : !sums
      ? words.loading
      : data.diff.length === 0
        ? words.clients.nothingToDo
        : w.lines(sums.added, sums.removed);
  return (
    <li className="px-4 py-1.5">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <Checkbox
            label={cleanLine(client.name)}
            hint={`${cleanLine(client.path)} · ${hint}`}
            checked={checked && (data?.diff.length ?? 0) > 0}
            disabled={!data || data.diff.length === 0}
            onChange={onCheck}
          />
        </div>
        {data && data.diff.length > 0 && (
          <Button
            small
            aria-expanded={open}
            aria-label={open ? w.hideFor(cleanLine(client.name)) : w.showFor(cleanLine(client.name))}
            onClick={() => setOpen(!open)}
          >
            {open ? words.hide : words.show}
          </Button>
        )}
      </div>
      {open && data && (
        <div className="flex flex-col gap-2 pt-2 pb-2">
          <ChangePreview change={data} />
        </div>
      )}
    </li>
  );
}

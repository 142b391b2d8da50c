import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../api/client";
import { useHost } from "../../api/core";
import { invalidate, useRead, useStatus } from "../../api/queries";
import { type Client, type ClientDeed, clientLook, deedLabel, isConnected, isHere } from "../../model/client";
import { ago, fullTime } from "../../model/format";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { StateMark } from "../../parts/mark";
import { Card, Screen, Scroll } from "../../parts/screen";
import { Empty, Failed, Skeleton } from "../../parts/states";
import { useToasts } from "../../parts/toasts";
import { useNow } from "../../shell/now";
import { words } from "../../words";
import { ChangeDialog } from "./change";
import { Keys } from "./keys";

const w = words.clients;

/** The AI clients of this computer: who is connected, who is not, and what each needs. */
export function ClientsScreen() {
  const [, go] = useLocation();
  const { data, error, refetch } = useRead("clients", "/api/v1/clients");
  const here = (data?.clients ?? []).filter(isHere);
  const absent = (data?.clients ?? []).filter((client) => !isHere(client));
  return (
    <Screen title={w.title} actions={<Button onClick={() => go("/welcome")}>{w.setUpAgain}</Button>}>
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton text={w.looking} />
      ) : (
        <Scroll label={w.title}>
          {here.length === 0 ? (
            <Card>
              <Empty text={w.none} />
            </Card>
          ) : (
            <Card flush>
              <ul aria-label={w.title} className="divide-y divide-line">
                {here.map((client) => (
                  <ClientRow key={client.id} client={client} />
                ))}
              </ul>
            </Card>
          )}
          <OtherClients />
          {absent.length > 0 && (
            <p className="text-muted text-small">{w.supported(absent.map((client) => cleanLine(client.name)).join(", "))}</p>
          )}
          <Keys />
        </Scroll>
      )}
    </Screen>
  );
}

function ClientRow({ client }: { client: Client }) {
  const now = useNow();
  const host = useHost();
  const queries = useQueryClient();
  const { say, fail } = useToasts();
  const [dialog, setDialog] = useState<"connect" | "disconnect">();
  const { mark, tone, deed } = clientLook(client);
  const run = (what: ClientDeed) => {
    if (what === "connect" || what === "correct" || what === "again") return setDialog("connect");
    if (what === "disconnect") return setDialog("disconnect");
    const asked =
      what === "look"
        ? call(host, "post", "/api/v1/clients/{id}/look", { path: { id: client.id } })
        : call(host, "post", "/api/v1/clients/{id}/undo", { path: { id: client.id } }).then((undone) =>
            say(undone.whole ? w.undoneWhole(cleanLine(undone.path)) : w.undonePart(cleanLine(undone.path))),
          );
    asked.catch(fail).finally(() => invalidate(queries, new Set(["clients"])));
  };
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2">
      <StateMark mark={mark} tone={tone} />
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-medium">{cleanLine(client.name)}</p>
        <p className="break-words text-muted text-small">
          {cleanLine(client.sentence)}
          {client.seen_at && (
            <time dateTime={client.seen_at} title={fullTime(client.seen_at)}>
              {" "}
              {w.seen(words.minutesAgo(ago(client.seen_at, now)))}
            </time>
          )}
          <span className="block">
            <code>{cleanLine(client.path)}</code>
            {client.line != null && w.at(client.line, client.column ?? 1)}
          </span>
        </p>
      </div>
      <div className="flex gap-2">
        {client.can_undo && (
          <Button small onClick={() => run("undo")} aria-label={w.undoFor(client.name)}>
            {words.undo}
          </Button>
        )}
        {isConnected(client) && (
          <Button small onClick={() => run("disconnect")} aria-label={w.disconnectFor(client.name)}>
            {w.disconnect}
          </Button>
        )}
        {deed && (
          <Button small onClick={() => run(deed)} aria-label={`${deedLabel[deed]}: ${client.name}`}>
            {deedLabel[deed]}
          </Button>
        )}
      </div>
      {dialog && <ChangeDialog client={client} action={dialog} onClose={() => setDialog(undefined)} />}
    </li>
  );
}

/** For a client that is not listed: the address, and the command for those that start a process. */
function OtherClients() {
  const status = useStatus().data;
  if (!status) return null;
  const address = `http://${status.listen_addr}/mcp`;
  return (
    <Card title={w.otherTitle}>
      <p className="text-muted">{w.otherText}</p>
      {[
        [address, words.foot.copyEndpoint],
        ["mcpproxy stdio", w.copyStdio],
      ].map(([text, label]) => (
        <div key={text} className="mt-2 flex items-center gap-1 rounded-control bg-sunken py-0.5 ps-3 pe-1">
          <code className="min-w-0 flex-1 break-all">{text}</code>
          <CopyButton text={text ?? ""} label={label ?? ""} />
        </div>
      ))}
    </Card>
  );
}

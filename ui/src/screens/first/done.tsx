import { useRead, useServers, useStatus } from "../../api/queries";
import { clientLook, isConnected } from "../../model/client";
import { counts } from "../../model/server";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Shield, StateMark } from "../../parts/mark";
import { Card } from "../../parts/screen";
import { words } from "../../words";
import { Page } from "./page";

const w = words.first;

/** Screen C: what each client does next, and which of them was heard of. */
export function Done({ onLeave }: { onLeave(): void }) {
  const clients = (useRead("clients", "/api/v1/clients").data?.clients ?? []).filter(isConnected);
  const servers = useServers().data?.servers ?? [];
  const status = useStatus().data;
  const sums = counts(servers, false);
  const left = servers.filter((server) => server.enabled && !server.quarantined && !server.connected).length;
  const question = servers.some((server) => server.name === "time" && server.connected) ? w.questionTime : w.question;
  return (
    <Page
      title={left > 0 ? w.doneEarly : w.doneTitle}
      text={left > 0 ? `${w.doneText(sums.isolated)} ${w.doneLeft(left)}` : w.doneText(sums.isolated)}
      foot={
        <Button kind="filled" onClick={onLeave}>
          {words.done}
        </Button>
      }
    >
      {clients.length > 0 ? (
        <Card flush>
          <ul aria-label={words.nav.clients} className="divide-y divide-line">
            {clients.map((client) => {
              const { mark, tone } = clientLook(client);
              return (
                <li key={client.id} className="flex items-start gap-3 px-4 py-2.5">
                  <StateMark mark={mark} tone={tone} className="mt-0.5" />
                  <div className="min-w-0 flex-1">
                    <p className="font-medium">{cleanLine(client.name)}</p>
                    <p className="text-muted">
                      {client.state === "connected" ? cleanLine(client.sentence) : cleanLine(client.next_step.text)}
                    </p>
                  </div>
                </li>
              );
            })}
          </ul>
        </Card>
      ) : (
        <Card>
          <p className="text-muted">{w.noClient}</p>
          {status && (
            <div className="mt-2 flex items-center gap-1 rounded-control bg-sunken py-0.5 ps-3 pe-1">
              <code className="min-w-0 flex-1 break-all">{`http://${status.listen_addr}/mcp`}</code>
              <CopyButton text={`http://${status.listen_addr}/mcp`} label={words.foot.copyEndpoint} />
            </div>
          )}
        </Card>
      )}
      <div className="flex items-center gap-3">
        <Shield kind="closed" className="size-5 text-ok" />
        <span className="min-w-0 flex-1">
          {w.ask} <span className="font-medium">{question}</span>
        </span>
        <CopyButton text={question} label={w.copyQuestion} />
      </div>
    </Page>
  );
}

import { Link } from "wouter";
import { useDeeds } from "../../api/deeds";
import { useRead } from "../../api/queries";
import { duration, fullTime, memory, timeOfDay } from "../../model/format";
import { imageName, type Server } from "../../model/server";
import { clean, cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Card, Fact, Scroll } from "../../parts/screen";
import { Notice } from "../../parts/states";
import { serverPath } from "../../shell/paths";
import { words } from "../../words";
import { ReachLine } from "../isolation/reach";

const w = words.server;

export function Overview({ server }: { server: Server }) {
  return (
    <Scroll label={w.overview}>
      {server.quarantined && <Held server={server} />}
      <Trouble server={server} />
      <Reach server={server} />
      <Card title={w.facts}>
        <Facts server={server} />
      </Card>
    </Scroll>
  );
}

function Held({ server }: { server: Server }) {
  const deeds = useDeeds();
  return (
    <Notice
      tone="warn"
      action={
        <Button small kind="filled" onClick={() => void deeds.approve(server.name)}>
          {w.approve}
        </Button>
      }
    >
      {w.heldText}
    </Notice>
  );
}

/** What went wrong, with the exact words of whoever said it. */
function Trouble({ server }: { server: Server }) {
  const { diagnostic, last_output: output = [] } = server;
  if (!diagnostic || server.connected) return null;
  const command = diagnostic.fix_steps?.find((step) => step.command)?.command;
  const text = [diagnostic.user_message, diagnostic.cause, ...output]
    .filter(Boolean)
    .map((line) => clean(line ?? ""))
    .join("\n");
  return (
    <Card title={w.failure} actions={<CopyButton text={text} label={words.copyDetails} />}>
      <p className="font-medium text-bad">{clean(diagnostic.user_message)}</p>
      <dl className="mt-1">
        {diagnostic.cause && <Fact name={w.cause}>{clean(diagnostic.cause)}</Fact>}
        <Fact name={w.code}>
          <code>{diagnostic.code}</code>
        </Fact>
        {command && (
          <Fact name={w.mend}>
            <span className="flex items-center gap-2">
              <code className="break-all">{clean(command)}</code>
              <CopyButton text={command} label={words.engine.copyCommand} />
            </span>
          </Fact>
        )}
      </dl>
      {output.length > 0 && (
        <>
          <h3 className="mt-2 mb-1 text-muted text-small">{w.lastOutput}</h3>
          <pre tabIndex={0} className="max-h-64 overflow-auto whitespace-pre-wrap break-words rounded-control bg-sunken p-3">
            {output.slice(-20).map(clean).join("\n")}
          </pre>
        </>
      )}
    </Card>
  );
}

function Reach({ server }: { server: Server }) {
  const { data } = useRead("explain", "/api/v1/servers/{id}/explain", { path: { id: server.name } });
  if (!data || data.lines.length === 0) return null;
  return (
    <Card
      title={w.reach}
      actions={
        <Link href={serverPath(server.name, "isolation")} className="text-accent hover:underline">
          {w.seeIsolation}
        </Link>
      }
    >
      <ul className="flex flex-col gap-1.5">
        {data.refusal && <li className="text-bad">{clean(data.refusal)}</li>}
        {data.lines.map((line) => (
          <ReachLine key={`${line.key} ${line.text}`} line={line} />
        ))}
      </ul>
    </Card>
  );
}

function Facts({ server }: { server: Server }) {
  const command = server.command ? [server.command, ...(server.args ?? [])].join(" ") : undefined;
  const image = imageName(server.image);
  return (
    <dl className="divide-y divide-line">
      <Fact name={w.state}>{clean(server.state_text)}</Fact>
      <Fact name={w.runs}>{w.placement[server.placement] ?? server.placement}</Fact>
      {command && (
        <Fact name={w.command}>
          <code className="break-all">{clean(command)}</code>
        </Fact>
      )}
      {server.url && (
        <Fact name={w.address}>
          <code className="break-all">{clean(server.url)}</code>
        </Fact>
      )}
      {image && (
        <Fact name={w.image}>
          <code className="break-all">{clean(image)}</code>
        </Fact>
      )}
      {server.container_name && (
        <Fact name={w.container}>
          <span className="flex items-center gap-1">
            <code className="break-all">{cleanLine(server.container_name)}</code>
            <CopyButton text={server.container_name} label={w.copyContainer} />
          </span>
        </Fact>
      )}
      <Today server={server.name} />
      <Fact name={w.since}>
        <time dateTime={server.since} title={fullTime(server.since)}>
          {timeOfDay(server.since)}
        </time>
        {server.reconnect_count > 0 && <span className="text-muted">, {w.restarted(server.reconnect_count)}</span>}
      </Fact>
      {server.last_exit && (
        <Fact name={w.lastEnd}>
          <LastEnd exit={server.last_exit} />
        </Fact>
      )}
    </dl>
  );
}

/** The calls of today, from the same sums as the Activity screen. */
function Today({ server }: { server: string }) {
  const { data } = useRead("activity", "/api/v1/activity/summary", { query: { period: "today" } });
  const sums = data?.servers.find((one) => one.name === server);
  if (!sums || sums.calls === 0) return null;
  const parts = [w.calls(sums.calls), sums.failed > 0 && w.failed(sums.failed), sums.blocked > 0 && w.blocked(sums.blocked)];
  if (sums.p50_ms != null) parts.push(w.half(duration(sums.p50_ms)));
  return <Fact name={w.today}>{parts.filter(Boolean).join(", ")}</Fact>;
}

function LastEnd({ exit }: { exit: NonNullable<Server["last_exit"]> }) {
  const how = exit.oom_killed ? w.oom : exit.signal != null ? w.exitSignal(exit.signal) : w.exitCode(exit.code ?? 0);
  return (
    <>
      {w.exit(how, duration(exit.ran_ms))}
      {exit.peak_memory ? `, ${w.peak(memory(exit.peak_memory))}` : ""}
      <span className="text-muted">
        {" · "}
        <time dateTime={exit.at} title={fullTime(exit.at)}>
          {timeOfDay(exit.at)}
        </time>
      </span>
    </>
  );
}

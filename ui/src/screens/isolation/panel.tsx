import { useMemo, useState } from "react";
import type { Shape } from "../../api/client";
import { useRead } from "../../api/queries";
import { type Draft, patchOf, withoutSame } from "../../model/draft";
import { limit } from "../../model/format";
import type { Server } from "../../model/server";
import { clean } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Segments, TextField } from "../../parts/field";
import { Choice } from "../../parts/menu";
import { Card } from "../../parts/screen";
import { Failed, Notice, Skeleton } from "../../parts/states";
import { words } from "../../words";
import { Folders } from "./folders";
import { useIsolation } from "./leave";
import { PreviewBar } from "./preview";
import { KINDS, type Line } from "./reach";

const w = words.isolation;
const MEMORY = ["256m", "512m", "1g", "2g", "4g", "8g"];
const CPU = ["0.5", "1.0", "2.0", "4.0"];

/** What a server can reach, sentence by sentence from its plan, each with the control that changes it. */
export function IsolationPanel({ server }: { server: Server }) {
  const { data, error, refetch } = useRead("explain", "/api/v1/servers/{id}/explain", { path: { id: server.name } });
  const defaults = useDefaults();
  const [given, setDraft] = useState<Draft>({});
  const draft = useMemo(() => withoutSame(given, server, defaults), [given, server, defaults]);
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={6} />;
  const edit = (change: Draft) => setDraft((now) => ({ ...now, ...change }));
  return (
    <>
      <Wall server={server} explanation={data} />
      <Card flush>
        <Rows server={server} lines={data.lines} draft={draft} defaults={defaults} onEdit={edit} />
      </Card>
      <Command explanation={data} />
      {Object.keys(patchOf(draft)).length > 0 && <PreviewBar server={server} draft={draft} onDiscard={() => setDraft({})} />}
    </>
  );
}

/** The global values that hold where a server says nothing. */
export function useDefaults(): { memory: string; cpu: string } {
  const { data } = useRead("config", "/api/v1/config");
  return useMemo(() => {
    const isolation = (data?.config as { docker_isolation?: { memory_limit?: string; cpu_limit?: string } } | undefined)?.docker_isolation;
    return { memory: isolation?.memory_limit ?? "512m", cpu: isolation?.cpu_limit ?? "1.0" };
  }, [data]);
}

/** Whether there is a wall at all, and the way to put it up. */
function Wall({ server, explanation }: { server: Server; explanation: Shape<"Explanation"> }) {
  const isolation = useIsolation();
  if (explanation.refusal) return <Notice tone="bad">{clean(explanation.refusal)}</Notice>;
  if (server.placement === "host") {
    return (
      <Notice
        tone="warn"
        action={
          <Button small kind="filled" onClick={() => isolation.on(server)}>
            {words.deed.isolate}
          </Button>
        }
      >
        {server.isolation_ignored ? words.state.isolationIgnored : w.noWall}
      </Notice>
    );
  }
  return null;
}

interface RowsWanted {
  server: Server;
  lines: readonly Line[];
  draft: Draft;
  defaults: { memory: string; cpu: string };
  onEdit(change: Draft): void;
}

function Rows({ server, lines, draft, defaults, onEdit }: RowsWanted) {
  const of = (kind: string) => lines.filter((line) => line.kind === kind);
  const own = server.isolation;
  const network = draft.network ?? own?.network_mode ?? server.isolation_defaults?.network_mode ?? "bridge";
  const memory = draft.memory ?? own?.memory_limit ?? defaults.memory;
  const cpu = draft.cpu ?? own?.cpu_limit ?? defaults.cpu;
  const editable = server.placement === "container" || server.placement === "host";
  return (
    <div className="divide-y divide-line">
      <Row kind="files" lines={of("files")}>
        {editable && <Folders volumes={draft.volumes ?? own?.volumes ?? []} onChange={(volumes) => onEdit({ volumes })} />}
      </Row>
      <Row kind="network" lines={of("network")}>
        {editable && (
          <Segments label={w.network} value={network} options={networks(network)} onChange={(value) => onEdit({ network: value })} />
        )}
      </Row>
      <Row kind="secrets" lines={of("secrets")} />
      <Row kind="limits" lines={of("limits")}>
        {editable && (
          <div className="flex flex-wrap gap-2">
            <Choice
              small
              named
              label={w.memory}
              value={memory}
              options={values(MEMORY, memory).map((value) => ({ value, label: limit(value) }))}
              onChange={(value) => onEdit({ memory: value })}
            />
            <Choice
              small
              named
              label={w.cpu}
              value={cpu}
              options={values(CPU, cpu).map((value) => ({ value, label: w.cpus(value) }))}
              onChange={(value) => onEdit({ cpu: value })}
            />
          </div>
        )}
      </Row>
      <Row kind="identity" lines={of("identity")} />
      <Row kind="image" lines={of("image")}>
        {editable && <Image key={own?.image ?? ""} server={server} draft={draft} onEdit={onEdit} />}
      </Row>
      <Row kind="relaxed" lines={of("relaxed")} loud />
      <Row kind="warning" lines={of("warning")} loud />
    </div>
  );
}

/** The usual values, and the one in force if it is not among them. */
function values(usual: readonly string[], now: string): string[] {
  return usual.includes(now) ? [...usual] : [...usual, now];
}

function networks(now: string) {
  const usual = [
    { value: "none", label: w.networkNone },
    { value: "bridge", label: w.networkOpen },
  ];
  return usual.some((option) => option.value === now) ? usual : [...usual, { value: now, label: now === "host" ? w.networkHost : now }];
}

function Row({ kind, lines, loud, children }: { kind: string; lines: readonly Line[]; loud?: boolean; children?: React.ReactNode }) {
  const look = KINDS[kind];
  if (!look || (lines.length === 0 && !children)) return null;
  const Sign = look.icon;
  return (
    <section aria-label={look.name} className="grid grid-cols-1 gap-x-4 gap-y-2 px-4 py-3 wide:grid-cols-[120px_1fr]">
      <h2 className={`flex items-center gap-2 self-start text-small font-medium ${loud ? "text-warn" : "text-muted"}`}>
        <Sign aria-hidden="true" className="size-4" />
        {look.name}
      </h2>
      <div className="flex min-w-0 flex-col gap-2">
        {lines.map((line) => (
          <p key={`${line.key} ${line.text}`} className={`break-words ${loud ? "text-warn" : ""}`}>
            {clean(line.text)}
          </p>
        ))}
        {children}
      </div>
    </section>
  );
}

function Image({ server, draft, onEdit }: { server: Server; draft: Draft; onEdit(change: Draft): void }) {
  const [open, setOpen] = useState(false);
  const value = draft.image ?? server.isolation?.image ?? "";
  if (!open && draft.image === undefined) {
    return (
      <div>
        <Button small onClick={() => setOpen(true)}>
          {w.changeImage}
        </Button>
      </div>
    );
  }
  return (
    <TextField
      label={w.image}
      hint={w.imageHint}
      value={value}
      placeholder={server.isolation_defaults?.image ?? ""}
      spellCheck={false}
      className="max-w-80"
      onChange={(event) => onEdit({ image: event.target.value })}
    />
  );
}

/** The same container as a command that a person can run. */
function Command({ explanation }: { explanation: Shape<"Explanation"> }) {
  if (explanation.docker_run.length === 0) return null;
  const text = `docker ${explanation.docker_run.map(quoted).join(" ")}`;
  return (
    <details className="rounded-card border border-line bg-surface px-4 py-2">
      <summary className="min-h-[28px] py-1 font-medium">{w.command}</summary>
      <div className="flex items-start gap-2 py-1">
        <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto whitespace-pre-wrap break-all rounded-control bg-sunken p-3">
          {clean(text)}
        </pre>
        <CopyButton text={text} label={words.engine.copyCommand} />
      </div>
      <p className="pb-1 text-muted text-small">{w.commandNote}</p>
    </details>
  );
}

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

import { useEffect, useId, useMemo, useState } from "react";
import { useDeeds } from "../../api/deeds";
import { useRead } from "../../api/queries";
import { readJson } from "../../model/json";
import { mergePatch } from "../../model/merge-patch";
import type { Server } from "../../model/server";
import { editableJson } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { inputClass } from "../../parts/field";
import { Failed, Skeleton } from "../../parts/states";
import { words } from "../../words";

const w = words.config;

/** The server's entry as it stands in the file, values of secrets masked; a masked value stays as it is stored. */
export function ConfigTab({ server }: { server: Server }) {
  const { data, error, refetch } = useRead("config", "/api/v1/config");
  const entry = useMemo(() => entryOf(data?.config, server.name), [data, server.name]);
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={3} />;
  return <Editor server={server} stored={entry ?? {}} path={data.config_path} />;
}

function Editor({ server, stored, path }: { server: Server; stored: Record<string, unknown>; path: string }) {
  const deeds = useDeeds();
  const id = useId();
  const original = useMemo(() => editableJson(stored), [stored]);
  const [text, setText] = useState(original);
  const [busy, setBusy] = useState(false);
  useEffect(() => setText(original), [original]);
  const changed = text !== original;
  const read = useMemo(() => readJson(text), [text]);
  const problem =
    "mistake" in read
      ? w.mistake(read.mistake.line, read.mistake.column, w.expected[read.mistake.expected])
      : typeof read.value !== "object" || read.value === null || Array.isArray(read.value)
        ? w.notAnObject
        : undefined;
  const save = async () => {
    if (problem || !("value" in read)) return;
    setBusy(true);
    await deeds.change(server.name, mergePatch(stored, read.value as Record<string, unknown>));
    setBusy(false);
  };
  return (
    <div className="flex h-full flex-col gap-3 px-4 py-4 wide:px-6">
      <div className="flex items-center gap-2">
        <label htmlFor={id} className="min-w-0 flex-1 truncate text-muted">
          {w.about(path)}
        </label>
        <CopyButton text={text} label={w.copy} />
      </div>
      <textarea
        id={id}
        value={text}
        spellCheck={false}
        aria-invalid={Boolean(problem)}
        aria-describedby={`${id}-problem`}
        onChange={(event) => setText(event.target.value)}
        className={`${inputClass} min-h-32 flex-1 resize-none bg-sunken p-3 font-mono text-code`}
      />
      <div className="flex min-h-[30px] flex-wrap items-center gap-3">
        <p id={`${id}-problem`} role="status" className={`min-w-0 flex-1 ${problem ? "text-bad" : "text-muted"}`}>
          {problem ?? (changed ? w.changed : w.masked)}
        </p>
        {changed && (
          <>
            <Button onClick={() => setText(original)}>{words.discard}</Button>
            <Button kind="filled" disabled={Boolean(problem) || busy} busy={busy} onClick={() => void save()}>
              {words.save}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

/** The entry without its name, whether the servers stand in a map or in a list. */
export function entryOf(config: unknown, name: string): Record<string, unknown> | undefined {
  const servers = (config as { mcpServers?: unknown } | undefined)?.mcpServers;
  const found = Array.isArray(servers)
    ? servers.find((entry: { name?: unknown }) => entry?.name === name)
    : (servers as Record<string, unknown> | undefined)?.[name];
  if (typeof found !== "object" || found === null) return undefined;
  const { name: _, ...entry } = found as Record<string, unknown>;
  return entry;
}

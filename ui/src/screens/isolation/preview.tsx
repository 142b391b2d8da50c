import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { call } from "../../api/client";
import { useHost } from "../../api/core";
import { useDeeds } from "../../api/deeds";
import { type Draft, patchOf } from "../../model/draft";
import type { Server } from "../../model/server";
import { clean, cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { sentenceOf } from "../../parts/toasts";
import { words } from "../../words";
import { ReachLine } from "./reach";

const w = words.isolation;

/** What the changes would mean, asked of the core before anything is written. */
export function PreviewBar({ server, draft, onDiscard }: { server: Server; draft: Draft; onDiscard(): void }) {
  const deeds = useDeeds();
  const host = useHost();
  const [busy, setBusy] = useState(false);
  const patch = useDeferredValue(patchOf(draft));
  const { data, error } = useQuery({
    queryKey: ["explain", "preview", server.name, patch],
    queryFn: ({ signal }) =>
      call(host, "post", "/api/v1/servers/{id}/preview", { path: { id: server.name }, body: { patch: patch as never }, signal }),
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
  const refusal = data?.after.refusal;
  const apply = async () => {
    setBusy(true);
    if (await deeds.change(server.name, patchOf(draft))) onDiscard();
    setBusy(false);
  };
  return (
    <section
      aria-label={w.changes(Object.keys(draft).length)}
      className="sticky bottom-0 flex max-h-72 flex-col gap-2 overflow-y-auto rounded-card border border-accent bg-surface px-4 py-3 shadow-sheet"
    >
      <h2 className="font-semibold">{w.changes(Object.keys(draft).length)}</h2>
      <div role="status" className="flex flex-col gap-1.5">
        {error ? (
          <p className="break-words text-bad">{sentenceOf(error)}</p>
        ) : !data ? (
          <p className="text-muted">{w.previewing}</p>
        ) : (
          <>
            {refusal && <p className="break-words text-bad">{clean(refusal)}</p>}
            {data.removed.map((line) => (
              <p key={`${line.key} ${line.text}`} className="text-muted line-through">
                <span className="sr-only">{w.before}: </span>
                {clean(line.text)}
              </p>
            ))}
            <ul className="flex flex-col gap-1.5">
              {data.added.map((line) => (
                <ReachLine key={`${line.key} ${line.text}`} line={line} />
              ))}
            </ul>
            {data.added.length + data.removed.length === 0 && <p className="text-muted">{w.noDifference}</p>}
          </>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 text-muted">
          {data && (data.restarts ? w.restarts(cleanLine(server.name), data.running_calls) : w.atOnce)}
        </p>
        <Button onClick={onDiscard}>{words.discard}</Button>
        <Button kind="filled" busy={busy} disabled={busy || Boolean(error) || Boolean(refusal)} onClick={() => void apply()}>
          {words.apply}
        </Button>
      </div>
    </section>
  );
}

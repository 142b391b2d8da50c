import { useState } from "react";
import { useDeeds } from "../../api/deeds";
import { type Draft, patchOf } from "../../model/draft";
import type { Server } from "../../model/server";
import { Button } from "../../parts/button";
import { words } from "../../words";

const w = words.isolation;

/** What the changes would mean, before anything is written. */
export function PreviewBar({ server, draft, onDiscard }: { server: Server; draft: Draft; onDiscard(): void }) {
  const deeds = useDeeds();
  const [busy, setBusy] = useState(false);
  const apply = async () => {
    setBusy(true);
    if (await deeds.change(server.name, patchOf(draft))) onDiscard();
    setBusy(false);
  };
  return (
    <section
      aria-label={w.changes(Object.keys(draft).length)}
      className="sticky bottom-0 rounded-card border border-accent bg-surface px-4 py-3 shadow-sheet"
    >
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 font-medium">{w.changes(Object.keys(draft).length)}</p>
        <Button onClick={onDiscard}>{words.discard}</Button>
        <Button kind="filled" busy={busy} disabled={busy} onClick={() => void apply()}>
          {words.apply}
        </Button>
      </div>
    </section>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call, type Shape } from "../../api/client";
import { useHost } from "../../api/core";
import { invalidate } from "../../api/queries";
import type { Client } from "../../model/client";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Diff } from "../../parts/diff";
import { Failed, Notice, Skeleton } from "../../parts/states";
import { useToasts } from "../../parts/toasts";
import { words } from "../../words";

const w = words.clients;
export type Change = Shape<"ClientChange">;
type Action = "connect" | "disconnect";

/** What a change of a client's file would be; nothing is written by asking. */
export function useChangePreview(client: string, action: Action, version: string) {
  const host = useHost();
  return useQuery({
    queryKey: ["clients", "preview", client, action, version],
    queryFn: ({ signal }) => call(host, "post", "/api/v1/clients/{id}/preview", { path: { id: client }, body: { action }, signal }),
    placeholderData: (before) => before,
    gcTime: 0,
  });
}

/** Writes exactly the change that was seen; a file that changed meanwhile is shown anew. */
export function useChange() {
  const host = useHost();
  const client = useQueryClient();
  return async (id: string, action: Action, fingerprint: string): Promise<Change> => {
    const path = action === "connect" ? "/api/v1/clients/{id}/connect" : "/api/v1/clients/{id}/disconnect";
    try {
      return await call(host, "post", path, { path: { id }, body: { fingerprint } });
    } finally {
      invalidate(client, new Set(["clients"]));
    }
  };
}

/** The difference of a client's file before it is written, and the button that writes it. */
export function ChangeDialog({ client, action, onClose }: { client: Client; action: Action; onClose(): void }) {
  const { say, fail } = useToasts();
  const change = useChange();
  const host = useHost();
  const queries = useQueryClient();
  const preview = useChangePreview(client.id, action, "dialog");
  const [meanwhile, setMeanwhile] = useState(false);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Change>();
  const name = cleanLine(client.name);

  const undo = () => {
    call(host, "post", "/api/v1/clients/{id}/undo", { path: { id: client.id } })
      .then(() => invalidate(queries, new Set(["clients"])))
      .catch(fail);
  };
  const write = async () => {
    if (!preview.data) return;
    setBusy(true);
    try {
      const made = await change(client.id, action, preview.data.fingerprint);
      if (action === "connect") setDone(made);
      else {
        say(w.disconnected(name), { undo });
        onClose();
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === "client_file_changed") {
        setMeanwhile(true);
        await preview.refetch();
      } else fail(error);
    }
    setBusy(false);
  };
  if (done) {
    return (
      <Dialog
        size="small"
        title={w.connectedTitle(name)}
        onClose={onClose}
        foot={
          <Button kind="filled" onClick={onClose}>
            {words.done}
          </Button>
        }
      >
        <p>{cleanLine(done.next_step.text)}</p>
        <p className="mt-2 text-muted">{w.copyKept}</p>
      </Dialog>
    );
  }
  const empty = preview.data?.diff.length === 0;
  return (
    <Dialog
      title={action === "connect" ? w.connectTitle(name) : w.disconnectTitle(name)}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button kind="filled" disabled={!preview.data || empty || busy} busy={busy} onClick={() => void write()}>
            {action === "connect" ? w.connect : w.disconnect}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {meanwhile && <Notice tone="warn">{w.meanwhile(name)}</Notice>}
        {preview.error ? (
          <Failed error={preview.error} onRetry={() => void preview.refetch()} />
        ) : preview.data ? (
          <ChangePreview change={preview.data} />
        ) : (
          <Skeleton rows={2} />
        )}
      </div>
    </Dialog>
  );
}

export function ChangePreview({ change }: { change: Change }) {
  return (
    <>
      <p>
        {w.willWrite} <code className="break-all">{cleanLine(change.path)}</code>
      </p>
      {change.diff.length > 0 ? <Diff lines={change.diff} label={w.difference} /> : <p className="text-muted">{w.nothingToDo}</p>}
      {change.waiting.length > 0 && <p className="text-muted">{w.stays(change.waiting.map(cleanLine).join(", "))}</p>}
      <p className="text-muted text-small">{w.keyNote}</p>
    </>
  );
}

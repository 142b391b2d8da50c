import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import { useHost } from "../../api/core";
import { invalidate, useRead } from "../../api/queries";
import { ago } from "../../model/format";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Card } from "../../parts/screen";
import { useToasts } from "../../parts/toasts";
import { useNow } from "../../shell/now";
import { words } from "../../words";

const w = words.keys;

/** Keys of single clients: each opens the tools only, carries a name, and can be revoked alone. */
export function Keys() {
  const { data } = useRead("clients", "/api/v1/keys");
  const host = useHost();
  const queries = useQueryClient();
  const { say, fail } = useToasts();
  const now = useNow();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<string>();
  if (!data) return null;
  const revoke = (name: string) => {
    setRevoking(undefined);
    call(host, "delete", "/api/v1/keys/{name}", { path: { name } })
      .then(() => say(w.revoked(cleanLine(name))))
      .catch(fail)
      .finally(() => invalidate(queries, new Set(["clients"])));
  };
  return (
    <Card
      title={w.title}
      actions={
        <Button small onClick={() => setMaking(true)}>
          {w.make}
        </Button>
      }
    >
      {data.keys.length === 0 ? (
        <p className="text-muted">{w.none}</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.keys.map((key) => (
            <li key={key.name} className="flex min-h-10 flex-wrap items-center gap-3">
              <span className="min-w-0 flex-1 truncate font-medium">{cleanLine(key.name)}</span>
              <code className="text-muted">{cleanLine(key.masked)}</code>
              <span className="text-muted text-small">{key.seen_at ? w.used(words.minutesAgo(ago(key.seen_at, now))) : w.unused}</span>
              <Button small kind="quiet" onClick={() => setRevoking(key.name)} aria-label={w.revokeFor(key.name)}>
                {w.revoke}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {making && <NewKey onClose={() => setMaking(false)} />}
      {revoking && (
        <Dialog
          alert
          size="small"
          title={w.revokeTitle(cleanLine(revoking))}
          onClose={() => setRevoking(undefined)}
          foot={
            <>
              <Button onClick={() => setRevoking(undefined)}>{words.cancel}</Button>
              <Button kind="danger" onClick={() => revoke(revoking)}>
                {w.revoke}
              </Button>
            </>
          }
        >
          <p>{w.revokeText}</p>
        </Dialog>
      )}
    </Card>
  );
}

function NewKey({ onClose }: { onClose(): void }) {
  const host = useHost();
  const queries = useQueryClient();
  const { fail } = useToasts();
  const [name, setName] = useState("");
  const [key, setKey] = useState<string>();
  const make = () => {
    call(host, "post", "/api/v1/keys", { body: { name } })
      .then((made) => setKey(made.key))
      .catch(fail)
      .finally(() => invalidate(queries, new Set(["clients"])));
  };
  return (
    <Dialog
      size="small"
      title={w.make}
      onClose={onClose}
      foot={
        key ? (
          <Button kind="filled" onClick={onClose}>
            {words.done}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{words.cancel}</Button>
            <Button kind="filled" disabled={!name.trim()} onClick={make}>
              {w.makeIt}
            </Button>
          </>
        )
      }
    >
      {key ? (
        <>
          <p>{w.once}</p>
          <div className="mt-2 flex items-center gap-1 rounded-control bg-sunken py-0.5 ps-3 pe-1">
            <code className="min-w-0 flex-1 break-all">{key}</code>
            <CopyButton text={key} label={w.copy} />
          </div>
        </>
      ) : (
        <TextField
          label={w.name}
          hint={w.nameHint}
          value={name}
          onChange={(event) => setName(event.target.value)}
          data-autofocus
          maxLength={64}
        />
      )}
    </Dialog>
  );
}

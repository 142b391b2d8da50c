import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { clean, cleanLine } from "../../model/text";
import { Checkbox } from "../../parts/field";
import { words } from "../../words";
import { ReachLine } from "../isolation/reach";
import type { Importable } from "./found";

const w = words.first;

interface Wanted {
  server: Importable;
  /** What people call each client. */
  clients: ReadonlyMap<string, string>;
  ticked: boolean;
  denied: ReadonlySet<string>;
  onTick(): void;
  onDeny(folder: string): void;
}

/** One found server: where it was, and in one line what it would see here. The rest is behind Details. */
export function FoundRow({ server, clients, ticked, denied, onTick, onDeny }: Wanted) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const name = cleanLine(server.name);
  const origins = [...new Set(server.clients.map((origin) => clients.get(origin.client) ?? cleanLine(origin.client)))].join(", ");
  return (
    <li>
      <div className="flex min-h-12 items-center gap-3 px-4 py-1">
        <div className="min-w-0 flex-1">
          <Checkbox label={name} hint={summary(server)} checked={ticked} onChange={onTick} />
        </div>
        <span className="hidden max-w-44 truncate text-muted text-small wide:inline">{origins}</span>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          aria-label={`${words.details}: ${name}`}
          onClick={() => setOpen(!open)}
          className="flex size-[28px] shrink-0 items-center justify-center rounded-control text-muted hover:bg-hover"
        >
          <ChevronRight aria-hidden="true" className={`size-4 transition-transform duration-120 ${open ? "rotate-90" : ""}`} />
        </button>
      </div>
      {open && (
        <div id={id} className="flex flex-col gap-3 px-4 pb-3 ps-10">
          <code className="break-all text-muted">{clean(server.line.join(" "))}</code>
          <p className="text-muted text-small">{w.foundIn(server.clients.map((origin) => cleanLine(origin.file)).join(", "))}</p>
          {server.folders.length > 0 && (
            <fieldset>
              <legend className="text-muted text-small">{w.folders}</legend>
              {server.folders.map((folder) => (
                <Checkbox
                  key={folder}
                  label={cleanLine(folder)}
                  checked={!denied.has(`${server.id} ${folder}`)}
                  onChange={() => onDeny(folder)}
                />
              ))}
            </fieldset>
          )}
          {server.references.length > 0 && <p className="text-warn">{w.references(server.references.map(cleanLine).join(", "))}</p>}
          <ul className="flex flex-col gap-1.5">
            {server.explain.map((line) => (
              <ReachLine key={`${line.key} ${line.text}`} line={line} />
            ))}
          </ul>
          {server.left_out.length > 0 && <p className="text-muted text-small">{w.leftOut(server.left_out.map(cleanLine).join(", "))}</p>}
        </div>
      )}
    </li>
  );
}

function summary(server: Importable): string {
  if (server.disabled) return w.offThere;
  if (server.kind === "docker") return w.ownContainer;
  if (server.kind === "remote") return words.protection.elsewhere;
  const files = server.explain.filter((line) => line.kind === "files").map((line) => clean(line.text));
  const parts = [
    files[0],
    server.secrets.length > 0 && w.secrets(server.secrets.length),
    server.unknown_words.length > 0 && w.needsEdit(server.unknown_words.map(cleanLine).join(", ")),
  ];
  return parts.filter(Boolean).join(" ");
}

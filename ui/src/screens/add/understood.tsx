import { cleanLine } from "../../model/text";
import { Checkbox, TextField } from "../../parts/field";
import { Notice } from "../../parts/states";
import { words } from "../../words";
import { ReachLine } from "../isolation/reach";
import { type Given, type Parsed, place } from "./screen";

const w = words.add;

interface Wanted {
  server: Parsed;
  many: boolean;
  given: Partial<Given>;
  onGiven(change: Partial<Given>): void;
}

/** One server of the pasted text: its name, what it would reach, and what it still needs. */
export function Understood({ server, many, given, onGiven }: Wanted) {
  const name = cleanLine(server.name);
  const lines = server.explanation?.lines ?? [];
  return (
    <section aria-label={name} className="flex flex-col gap-3 rounded-card border border-line bg-bg p-3">
      {many ? (
        <Checkbox label={name} hint={lineOf(server)} checked={!given.left} onChange={(on) => onGiven({ left: !on })} />
      ) : (
        <>
          <code className="break-all text-muted">{lineOf(server)}</code>
          <TextField
            label={w.name}
            value={given.name ?? server.name}
            spellCheck={false}
            onChange={(event) => onGiven({ name: event.target.value })}
            className="max-w-72"
          />
        </>
      )}
      {server.problems.map((problem) => (
        <Notice key={`${problem.code} ${problem.message}`} tone="bad">
          {place(problem)}
          {cleanLine(problem.message)}
        </Notice>
      ))}
      {!given.left && (
        <>
          {server.explanation?.refusal && <Notice tone="bad">{cleanLine(server.explanation.refusal)}</Notice>}
          <ul className="flex flex-col gap-1.5">
            {lines.map((line) => (
              <ReachLine key={`${line.key} ${line.text}`} line={line} />
            ))}
          </ul>
          {server.missing.map((variable) => (
            <TextField
              key={variable}
              type="password"
              label={w.missing(cleanLine(variable))}
              hint={w.missingHint}
              autoComplete="off"
              value={given.values?.[variable] ?? ""}
              onChange={(event) => onGiven({ values: { ...given.values, [variable]: event.target.value } })}
              className="max-w-96"
            />
          ))}
          {server.secrets.length > 0 && <p className="text-muted text-small">{w.secrets(server.secrets.map(cleanLine).join(", "))}</p>}
          {server.references.length > 0 && (
            <p className="text-warn">{words.first.references(server.references.map(cleanLine).join(", "))}</p>
          )}
          {server.left_out.length > 0 && (
            <p className="text-muted text-small">{words.first.leftOut(server.left_out.map(cleanLine).join(", "))}</p>
          )}
        </>
      )}
    </section>
  );
}

function lineOf(server: Parsed): string {
  const { command, args, url } = server.entry as { command?: string; args?: string[]; url?: string };
  return cleanLine(url ?? [command, ...(args ?? [])].join(" "));
}

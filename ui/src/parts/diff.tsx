import type { Shape } from "../api/client";
import { clean } from "../model/text";
import { words } from "../words";

type Line = Shape<"DiffLine">;

const LOOK: Record<string, string> = { "+": "bg-ok-tint text-ok", "-": "bg-bad-tint text-bad", "@": "text-muted", " ": "" };

/** The difference of a file, as text; signs and words say what colour repeats. */
export function Diff({ lines, label }: { lines: readonly Line[]; label: string }) {
  return (
    <div tabIndex={0} role="region" aria-label={label} className="max-h-72 overflow-auto rounded-control border border-line bg-sunken py-1">
      <div className="min-w-max font-mono text-code">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one difference have no name and never move
          <div key={at} className={`flex px-3 whitespace-pre ${LOOK[line.kind] ?? ""}`}>
            <span aria-hidden="true" className="w-4 shrink-0 select-none">
              {line.kind === "@" ? "" : line.kind}
            </span>
            {line.kind === "+" && <span className="sr-only">{words.diff.added}</span>}
            {line.kind === "-" && <span className="sr-only">{words.diff.removed}</span>}
            <span>{line.kind === "@" ? "⋯" : clean(line.text)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

export function diffCount(lines: readonly Line[]): { added: number; removed: number } {
  return { added: lines.filter((line) => line.kind === "+").length, removed: lines.filter((line) => line.kind === "-").length };
}

import type { Shape } from "../api/client";
import { memory, size } from "../model/format";
import { words } from "../words";

/** How far a download or installation is; without a known end it says only what it does. */
export function ProgressBar({ progress, label }: { progress: Shape<"Progress">; label: string }) {
  const known = progress.percent ?? undefined;
  return (
    <div className="flex min-w-0 items-center gap-3">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(known !== undefined && { "aria-valuenow": known })}
        className="h-1.5 w-40 max-w-full overflow-hidden rounded-full bg-sunken ring-1 ring-line"
      >
        <div
          className={`h-full origin-left rounded-full bg-busy ${known === undefined ? "pulse w-2/5" : ""}`}
          style={known === undefined ? undefined : { width: `${known}%` }}
        />
      </div>
      <span className="truncate text-muted text-small">{amounts(progress)}</span>
    </div>
  );
}

function amounts(progress: Shape<"Progress">): string {
  const parts: string[] = [];
  if (progress.done_bytes != null && progress.total_bytes) parts.push(words.ofBytes(size(progress.done_bytes), size(progress.total_bytes)));
  if (progress.rate) parts.push(`${size(progress.rate)}/s`);
  return parts.join(" · ");
}

const WIDTH = 72;
const HEIGHT = 20;

/** The last minutes of CPU as a line, the memory as a number. */
export function Sparkline({ cpu, memoryBytes, label }: { cpu: readonly number[]; memoryBytes?: number; label: string }) {
  const top = Math.max(10, ...cpu);
  const step = WIDTH / Math.max(1, cpu.length - 1);
  const points = cpu.map((value, at) => `${(at * step).toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`);
  return (
    <span className="inline-flex items-center gap-2" role="img" aria-label={label}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" className="h-5 w-18 text-busy" preserveAspectRatio="none">
        <path d={`M0 ${HEIGHT - 1.5}H${WIDTH}`} stroke="var(--line)" strokeWidth="1" />
        {points.length > 1 && (
          <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
        )}
      </svg>
      {memoryBytes !== undefined && <span className="w-16 text-right text-muted text-small">{memory(memoryBytes)}</span>}
    </span>
  );
}

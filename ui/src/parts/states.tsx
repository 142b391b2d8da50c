import type { ReactNode } from "react";
import { words } from "../words";
import { Button } from "./button";
import { sentenceOf } from "./toasts";

/** What stands where there is nothing yet: one sentence and the next step. */
export function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-4 px-6 py-14 text-center text-muted">
      <p className="max-w-[440px] text-body">{text}</p>
      {children && <div className="flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}

/** What stands where something could not be read. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div role="alert" className="m-4 flex flex-wrap items-center gap-3 rounded-card border border-bad bg-bad-tint px-4 py-3 text-bad">
      <p className="min-w-0 flex-1 break-words">{sentenceOf(error)}</p>
      {onRetry && (
        <Button small onClick={onRetry}>
          {words.tryAgain}
        </Button>
      )}
    </div>
  );
}

/** Rows without numbers while something is on its way; it appears only if that takes a moment. */
export function Skeleton({ rows = 5, text = words.loading }: { rows?: number; text?: string }) {
  return (
    <div role="status" aria-label={text} className="skeleton flex flex-col">
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all rows are the same
        <div key={at} className="flex h-11 items-center gap-4 border-line border-b px-4">
          <span className="size-3 rounded-full bg-sunken" />
          <span className="h-3 rounded-chip bg-sunken" style={{ width: `${90 + ((at * 37) % 80)}px` }} />
          <span className="ml-auto h-3 w-20 rounded-chip bg-sunken" />
        </div>
      ))}
    </div>
  );
}

/** A line that says something about a whole screen. */
export function Notice({ tone, children, action }: { tone: "warn" | "bad" | "busy" | "ok"; children: ReactNode; action?: ReactNode }) {
  const look = {
    warn: "border-warn bg-warn-tint text-warn",
    bad: "border-bad bg-bad-tint text-bad",
    busy: "border-busy bg-busy-tint text-busy",
    ok: "border-ok bg-ok-tint text-ok",
  }[tone];
  return (
    <div className={`flex flex-wrap items-center gap-x-3 gap-y-2 rounded-control border px-3 py-2 ${look}`}>
      <div className="min-w-0 flex-1 break-words">{children}</div>
      {action}
    </div>
  );
}

import type { ReactNode } from "react";
import type { Mark, Tone } from "../model/server";

export const TONE: Record<Tone, string> = {
  ok: "text-ok",
  busy: "text-busy",
  warn: "text-warn",
  bad: "text-bad",
  off: "text-off",
};

/** A state's sign. It stands beside the state's word or in a row that says it, so it is hidden from readers. */
export function StateMark({ mark, tone, className = "" }: { mark: Mark; tone: Tone; className?: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={`size-4 shrink-0 ${TONE[tone]} ${className}`}>
      {SIGNS[mark]}
    </svg>
  );
}

const ring = { fill: "none", stroke: "currentColor", strokeWidth: 1.6 } as const;
const stroke = { ...ring, strokeWidth: 2, strokeLinecap: "round" } as const;

const SIGNS: Record<Mark, ReactNode> = {
  ready: <circle cx="8" cy="8" r="4.5" fill="currentColor" />,
  working: (
    <g className="pulse">
      <circle cx="8" cy="8" r="5" {...ring} />
      <path d="M8 8V3a5 5 0 0 1 5 5Z" fill="currentColor" />
    </g>
  ),
  asleep: <circle cx="8" cy="8" r="5" {...ring} strokeDasharray="2 1.93" />,
  waiting: (
    <>
      <circle cx="8" cy="8" r="5.2" {...ring} />
      <path d="M8 5v3.2l2 1.3" {...ring} strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  held: <path d="M8 2.4 14.2 13.4H1.8Z" fill="currentColor" strokeLinejoin="round" stroke="currentColor" />,
  broken: <path d="m4 4 8 8m0-8-8 8" {...stroke} />,
  open: <path d="m8 2.6 5.4 5.4L8 13.4 2.6 8Z" {...ring} strokeLinejoin="round" />,
  own: (
    <>
      <rect x="2.8" y="2.8" width="10.4" height="10.4" rx="1.5" {...ring} />
      <rect x="5.5" y="5.5" width="5" height="5" fill="currentColor" />
    </>
  ),
  elsewhere: <path d="M4.6 12.4a3 3 0 0 1-.3-6 4 4 0 0 1 7.6.9 2.6 2.6 0 0 1-.4 5.1Z" {...ring} strokeLinejoin="round" />,
  paused: <path d="M5.8 4v8M10.2 4v8" {...stroke} />,
  off: <circle cx="8" cy="8" r="4.7" {...ring} />,
};

/** Closed: in a container of ours. Half: another wall. Open: none. Dotted: none needed or not known. */
export function Shield({ kind, className = "" }: { kind: "closed" | "open" | "half" | "none"; className?: string }) {
  const outline = "M8 1.8 2.9 3.7v3.9c0 3.1 2.1 5.6 5.1 6.7 3-1.1 5.1-3.6 5.1-6.7V3.7Z";
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={`size-4 shrink-0 ${className}`}>
      {kind === "closed" && (
        <>
          <path d={outline} fill="currentColor" stroke="currentColor" strokeWidth="1.3" strokeLinejoin="round" />
          <path
            d="m5.6 8 1.8 1.8 3.1-3.3"
            fill="none"
            stroke="var(--surface)"
            strokeWidth="1.5"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      )}
      {kind === "half" && (
        <>
          <path d={outline} {...ring} strokeWidth={1.3} strokeLinejoin="round" />
          <path d="M8 1.8v12.5c-3-1.1-5.1-3.6-5.1-6.7V3.7Z" fill="currentColor" />
        </>
      )}
      {kind === "open" && (
        <path
          d="M13.1 6.2v1.4c0 3.1-2.1 5.6-5.1 6.7-3-1.1-5.1-3.6-5.1-6.7V3.7L8 1.8"
          {...ring}
          strokeWidth={1.5}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
      {kind === "none" && <path d={outline} {...ring} strokeWidth={1.3} strokeDasharray="1.6 1.8" />}
    </svg>
  );
}

/** The timeline: who called what, and how it ended. */

import type { Shape } from "../api/client";
import type { Mark, Tone } from "./server";

export type Activity = Shape<"ActivityRecord">;

/** Records that tell the same story and follow one another. */
export interface Run {
  /** The newest of them. */
  newest: Activity;
  oldest: Activity;
  records: Activity[];
  /** How many calls that were. */
  count: number;
}

const CALLS = new Set(["tool_call", "internal_tool_call", "prompt_get", "resource_read"]);
export const isCall = (record: Activity) => CALLS.has(record.type);

/** Runs of the same client, tool and result, or of one event, become one row; failed and good ones never mix. `open` ones stay apart. */
export function collapsed(records: readonly Activity[], open: ReadonlySet<string> = new Set()): Run[] {
  const runs: Run[] = [];
  for (const record of records) {
    const last = runs.at(-1);
    if (last && same(last.newest, record) && !open.has(last.newest.id)) {
      last.records.push(record);
      last.oldest = record;
      last.count += record.count;
    } else runs.push({ newest: record, oldest: record, records: [record], count: record.count });
  }
  return runs.flatMap((run) =>
    open.has(run.newest.id) ? run.records.map((one) => ({ newest: one, oldest: one, records: [one], count: one.count })) : [run],
  );
}

function same(a: Activity, b: Activity): boolean {
  return (
    a.type === b.type &&
    a.status === b.status &&
    a.client_name === b.client_name &&
    a.server_name === b.server_name &&
    a.tool_name === b.tool_name &&
    a.error_message === b.error_message &&
    a.summary === b.summary
  );
}

/** The mean time of a run's calls. */
export function meanDuration(run: Run): number | undefined {
  const times = run.records.flatMap((record) => (record.duration_ms == null ? [] : [record.duration_ms]));
  return times.length === 0 ? undefined : times.reduce((sum, time) => sum + time, 0) / times.length;
}

/** Success is unmarked; only what failed or was refused carries a mark. */
export function activityMark(record: Activity): { mark: Mark; tone: Tone } | undefined {
  switch (record.status) {
    case "error":
      return { mark: "broken", tone: "bad" };
    case "blocked":
    case "rejected":
      return { mark: "held", tone: "warn" };
    case "cancelled":
      return { mark: "off", tone: "off" };
    default:
      return undefined;
  }
}

export type Period = "today" | "1h" | "24h" | "7d" | "30d" | "all";

/** When a period began; nothing for all of it. */
export function periodStart(period: Period, now: Date): string | undefined {
  const hours = { "1h": 1, "24h": 24, "7d": 7 * 24, "30d": 30 * 24 }[period as "1h"];
  if (period === "all") return undefined;
  const start = new Date(now);
  if (hours) start.setTime(now.getTime() - hours * 3_600_000);
  else start.setHours(0, 0, 0, 0);
  // Whole minutes, so that the question stays the same for a while.
  start.setSeconds(0, 0);
  return start.toISOString();
}

import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { call } from "../../api/client";
import { useHost } from "../../api/core";
import { type Activity, activityMark, collapsed, isCall, meanDuration, type Period, periodStart, type Run } from "../../model/activity";
import { count, duration, fullTime, timeOfDay, timeWithSeconds } from "../../model/format";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { StateMark, TONE } from "../../parts/mark";
import { Empty, Failed, Skeleton } from "../../parts/states";
import { words } from "../../words";
import { Detail } from "./detail";

const w = words.activity;
const PAGE = 200;
const ROW = 36;

export interface Filter {
  server: string;
  client: string;
  status: string;
  kind: string;
  period: Period;
  text: string;
}

export const ALL: Filter = { server: "", client: "", status: "", kind: "", period: "all", text: "" };

function useTimeline(filter: Filter) {
  const host = useHost();
  const query = {
    limit: PAGE,
    ...(filter.server && { server: filter.server }),
    ...(filter.client && { client: filter.client }),
    ...(filter.status && { status: filter.status }),
    ...(filter.kind && { kind: filter.kind }),
    ...(filter.text.trim() && { text: filter.text.trim() }),
  };
  return useInfiniteQuery({
    queryKey: ["activity", "pages", filter],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) => {
      const from = periodStart(filter.period, new Date());
      return call(host, "get", "/api/v1/activity", {
        query: { ...query, ...(from && { from }), ...(pageParam !== undefined && { cursor: pageParam }) },
        signal,
      });
    },
    getNextPageParam: (page) => (page.next_cursor ? Number(page.next_cursor) : undefined),
    placeholderData: (before) => before,
  });
}

/** The rows, newest first; the one that was chosen opens below. */
export function Timeline({ filter, onClear }: { filter: Filter; onClear?: () => void }) {
  const wanted = useDeferredValue(filter);
  const pages = useTimeline(wanted);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<Activity>();
  const records = useMemo(() => pages.data?.pages.flatMap((page) => page.activities) ?? [], [pages.data]);
  const runs = useMemo(() => collapsed(records, open), [records, open]);
  if (pages.error) return <Failed error={pages.error} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <Skeleton rows={8} />;
  const filtered = JSON.stringify(filter) !== JSON.stringify({ ...ALL, server: onClear ? "" : filter.server });
  if (records.length === 0) {
    return <Empty text={filtered ? w.nothing : w.empty}>{filtered && onClear && <Button onClick={onClear}>{w.clear}</Button>}</Empty>;
  }
  const choose = (run: Run) => {
    if (run.records.length > 1) setOpen((now) => new Set(now).add(run.newest.id));
    else setChosen(run.newest);
  };
  return (
    <div className="flex h-full flex-col">
      <Rows
        runs={runs}
        chosen={chosen?.id}
        onChoose={choose}
        onEnd={() => pages.hasNextPage && !pages.isFetchingNextPage && void pages.fetchNextPage()}
      />
      {chosen && <Detail id={chosen.id} onClose={() => setChosen(undefined)} />}
    </div>
  );
}

function Rows({
  runs,
  chosen,
  onChoose,
  onEnd,
}: {
  runs: readonly Run[];
  chosen: string | undefined;
  onChoose(run: Run): void;
  onEnd(): void;
}) {
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const focus = useRef(false);
  const at = Math.min(active, runs.length - 1);
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    getItemKey: (index) => runs[index]?.newest.id ?? index,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const end = useRef(onEnd);
  end.current = onEnd;
  useEffect(() => {
    if (last >= runs.length - 20) end.current();
  }, [last, runs.length]);
  useEffect(() => {
    if (!focus.current) return;
    const row = scroll.current?.querySelector<HTMLElement>(`[data-at="${at}"]`);
    if (row) {
      focus.current = false;
      row.focus();
    }
  });
  const pressed = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -runs.length,
      End: runs.length,
    };
    const step = event.ctrlKey || event.metaKey || event.altKey ? undefined : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(runs.length - 1, at + step));
    focus.current = true;
    setActive(next);
    rows.scrollToIndex(next);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys come from the rows inside
    <div ref={scroll} onKeyDown={pressed} className="min-h-0 flex-1 overflow-y-auto">
      <ol aria-label={w.title} className="relative" style={{ height: `${rows.getTotalSize()}px` }}>
        {items.map((item) => {
          const run = runs[item.index];
          if (!run) return null;
          return (
            <li
              key={item.key}
              aria-setsize={runs.length}
              aria-posinset={item.index + 1}
              className="absolute inset-x-0 top-0 border-line border-b"
              style={{ height: `${ROW}px`, transform: `translateY(${item.start}px)` }}
            >
              <button
                type="button"
                data-at={item.index}
                tabIndex={item.index === at ? 0 : -1}
                aria-pressed={run.newest.id === chosen}
                onFocus={() => setActive(item.index)}
                onClick={() => onChoose(run)}
                className={`flex h-full w-full items-center gap-3 px-4 text-start outline-offset-[-2px] hover:bg-hover wide:px-6 ${run.newest.id === chosen ? "bg-accent-tint" : ""}`}
              >
                <RowText run={run} />
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function RowText({ run }: { run: Run }) {
  const { newest, oldest, records } = run;
  const mark = activityMark(newest);
  const time = meanDuration(run);
  return (
    <>
      <time dateTime={newest.timestamp} title={fullTime(newest.timestamp)} className="w-24 shrink-0 whitespace-nowrap text-muted">
        {records.length > 1 ? w.span(timeOfDay(oldest.timestamp), timeOfDay(newest.timestamp)) : timeWithSeconds(newest.timestamp)}
      </time>
      <span className="min-w-0 flex-1 truncate">
        <Story record={newest} />
        {run.count > 1 && <span className="ms-2 rounded-chip bg-sunken px-1 text-muted text-small">×{count(run.count)}</span>}
      </span>
      {mark && (
        <span className={`flex min-w-0 max-w-[45%] items-center gap-1.5 ${TONE[mark.tone]}`}>
          <StateMark mark={mark.mark} tone={mark.tone} />
          <span className="truncate">
            {w.statuses[newest.status] ?? newest.status}
            {newest.error_message && !newest.summary?.includes(newest.error_message) && `: ${cleanLine(newest.error_message)}`}
          </span>
        </span>
      )}
      {time !== undefined && isCall(newest) && (
        <span className="w-24 shrink-0 whitespace-nowrap text-end text-muted">
          {records.length > 1 ? w.each(duration(time)) : duration(time)}
        </span>
      )}
    </>
  );
}

/** "Cursor → github · get_issue", or the sentence of an event. */
function Story({ record }: { record: Activity }) {
  if (!isCall(record)) return <>{cleanLine(record.summary ?? w.types[record.type] ?? record.type)}</>;
  return (
    <>
      <span className="text-muted">{cleanLine(record.client_name ?? w.sources[record.source] ?? record.source)} → </span>
      {record.server_name && `${cleanLine(record.server_name)} · `}
      <span className="font-medium">{cleanLine(record.tool_name ?? "")}</span>
    </>
  );
}

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, CaseSensitive, Regex } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { count, fullTime, timeWithSeconds } from "../../model/format";
import { atLeast, finder, type Level, type Line, matches, pieces } from "../../model/log-buffer";
import { Button, IconButton } from "../../parts/button";
import { Checkbox, SearchField } from "../../parts/field";
import { Choice } from "../../parts/menu";
import { Empty, Failed, Skeleton } from "../../parts/states";
import { useToasts } from "../../parts/toasts";
import { useRemembered } from "../../shell/remembered";
import { words } from "../../words";
import { useLog } from "./reading";

const w = words.logs;
const ROW = 20;
const NEAR = 48;

/** A log with follow and search; only the lines in sight exist. */
export function LogView({ source, showServer, children }: { source: string; showServer: boolean; children?: ReactNode }) {
  const log = useLog(source);
  const [level, setLevel] = useRemembered<Level>("log-level", "info");
  const [wrap, setWrap] = useRemembered<"on" | "off">("log-wrap", "on");
  const [search, setSearch] = useState({ text: "", regex: false, matchCase: false });
  const [follow, setFollow] = useState(true);
  const [at, setAt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when the buffer changed
  const lines = useMemo(() => atLeast(log.buffer.lines, level).slice(), [log.buffer, log.version, level]);
  const found = useMemo(() => finder(search), [search]);
  const find = found === "broken" ? undefined : found;
  const hits = useMemo(() => matches(lines, find), [lines, find]);
  const seen = useSeen(lines.length, follow);

  // Searching looks at everything that is kept, not only at what was scrolled to.
  const wantsAll = search.text !== "" && !log.complete;
  useEffect(() => {
    if (wantsAll) void log.all();
  }, [wantsAll, log.all]);
  const current = hits.length > 0 ? hits[((at % hits.length) + hits.length) % hits.length] : undefined;
  const move = (by: number) => {
    setFollow(false);
    setAt((now) => now + by);
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 border-line border-b px-4 py-2 wide:px-6">
        {children}
        <Choice label={w.level} value={level} options={w.levels} onChange={(value) => setLevel(value as Level)} />
        <SearchField
          label={w.search}
          value={search.text}
          onChange={(text) => {
            setSearch({ ...search, text });
            setAt(-1);
          }}
          className="min-w-32 max-w-72 flex-1"
        />
        <Toggle label={w.regex} on={search.regex} onChange={(regex) => setSearch({ ...search, regex })}>
          <Regex aria-hidden="true" className="size-4" />
        </Toggle>
        <Toggle label={w.matchCase} on={search.matchCase} onChange={(matchCase) => setSearch({ ...search, matchCase })}>
          <CaseSensitive aria-hidden="true" className="size-4" />
        </Toggle>
        {search.text && (
          <>
            <span role="status" className="text-muted text-small">
              {found === "broken" ? w.broken : w.hits(current === undefined ? 0 : hits.indexOf(current) + 1, hits.length, wantsAll)}
            </span>
            <IconButton label={w.previous} disabled={hits.length === 0} onClick={() => move(-1)}>
              <ArrowUp aria-hidden="true" className="size-4" />
            </IconButton>
            <IconButton label={w.next} disabled={hits.length === 0} onClick={() => move(1)}>
              <ArrowDown aria-hidden="true" className="size-4" />
            </IconButton>
          </>
        )}
        <div className="ms-auto flex items-center gap-3">
          <Checkbox label={w.follow} checked={follow} onChange={setFollow} />
          <Checkbox label={w.wrap} checked={wrap === "on"} onChange={(on) => setWrap(on ? "on" : "off")} />
        </div>
      </div>
      {log.error ? (
        <Failed error={log.error} />
      ) : !log.loaded ? (
        <Skeleton rows={8} text={w.loading} />
      ) : lines.length === 0 ? (
        <Empty text={log.buffer.lines.length > 0 ? w.nothingAtLevel : w.empty} />
      ) : (
        <Lines
          key={source}
          lines={lines}
          find={find}
          current={current}
          follow={follow}
          wrap={wrap === "on"}
          showServer={showServer}
          onFollow={setFollow}
          onTop={() => void log.older().catch(() => undefined)}
        />
      )}
      <Foot lines={lines} fresh={seen} follow={follow} onLatest={() => setFollow(true)} />
    </div>
  );
}

interface LinesWanted {
  lines: readonly Line[];
  find: RegExp | undefined;
  current: number | undefined;
  follow: boolean;
  wrap: boolean;
  showServer: boolean;
  onFollow(on: boolean): void;
  onTop(): void;
}

function Lines({ lines, find, current, follow, wrap, showServer, onFollow, onTop }: LinesWanted) {
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 20,
  });
  const last = lines.length - 1;
  const height = rows.getTotalSize();
  const first = lines[0]?.id;
  const before = useRef(first);
  useLayoutEffect(() => {
    if (follow && last >= 0 && height >= 0) rows.scrollToIndex(last, { align: "end" });
  }, [follow, last, rows, height]);
  // Older lines came in above: what was in sight stays in sight.
  useLayoutEffect(() => {
    const came = first !== undefined && before.current !== undefined ? before.current - first : 0;
    before.current = first;
    if (came > 0 && !follow) rows.scrollToOffset((scroll.current?.scrollTop ?? 0) + came * ROW);
  }, [first, follow, rows]);
  useEffect(() => {
    if (current !== undefined) rows.scrollToIndex(current, { align: "center" });
  }, [current, rows]);
  const top = useRef(0);
  const looked = () => {
    const element = scroll.current;
    if (!element) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    // Only a person scrolls up; rows that turn out taller than thought never do.
    if (follow && element.scrollTop < top.current - 2 && below > NEAR) onFollow(false);
    top.current = element.scrollTop;
    if (element.scrollTop < NEAR) onTop();
  };
  return (
    <div
      ref={scroll}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={w.lines}
      onScroll={looked}
      className="min-h-0 flex-1 overflow-auto bg-sunken font-mono text-code outline-offset-[-2px]"
    >
      <div className={`relative ${wrap ? "" : "min-w-max"}`} style={{ height: `${height}px` }}>
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          return (
            <div
              key={item.key}
              ref={wrap ? rows.measureElement : undefined}
              data-index={item.index}
              className={`absolute inset-x-0 top-0 flex gap-3 px-4 py-px wide:px-6 ${item.index === current ? "bg-accent-tint" : ""}`}
              style={{ transform: `translateY(${item.start}px)`, minHeight: `${ROW}px` }}
            >
              <Row line={line} find={find} wrap={wrap} showServer={showServer} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const LEVEL_TONE: Record<Level, string> = { debug: "text-muted", info: "text-muted", warn: "text-warn", error: "text-bad" };

function Row({ line, find, wrap, showServer }: { line: Line; find: RegExp | undefined; wrap: boolean; showServer: boolean }) {
  return (
    <>
      <time dateTime={line.at} title={line.at && fullTime(line.at)} className="w-[62px] shrink-0 text-muted">
        {line.at ? timeWithSeconds(line.at) : ""}
      </time>
      <span className={`w-10 shrink-0 ${LEVEL_TONE[line.level]}`}>{line.level}</span>
      {showServer && <span className="w-24 shrink-0 truncate text-muted">{line.server ?? words.product.toLowerCase()}</span>}
      <span
        className={`min-w-0 ${wrap ? "break-words [overflow-wrap:anywhere]" : "whitespace-pre"} ${line.level === "error" ? "text-bad" : ""}`}
      >
        {pieces(line.text, find).map((piece, at) =>
          piece.hit ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one line have no name and never move
            <mark key={at} className="rounded-[2px] bg-warn-tint text-warn ring-1 ring-warn">
              {piece.text}
            </mark>
          ) : (
            piece.text
          ),
        )}
      </span>
    </>
  );
}

function Foot({ lines, fresh, follow, onLatest }: { lines: readonly Line[]; fresh: number; follow: boolean; onLatest(): void }) {
  const { say, fail } = useToasts();
  const copy = () => {
    const text = lines.map((line) => [line.at, line.level, line.server, line.text].filter(Boolean).join(" ")).join("\n");
    navigator.clipboard.writeText(text).then(() => say(w.copied(lines.length)), fail);
  };
  return (
    <div className="flex min-h-10 items-center gap-3 border-line border-t px-4 py-1 text-muted text-small wide:px-6">
      {follow ? (
        <span>{w.count(count(lines.length))}</span>
      ) : (
        <>
          <span>{w.paused(fresh)}</span>
          <Button small kind="quiet" onClick={onLatest}>
            {w.latest}
          </Button>
        </>
      )}
      <Button small kind="quiet" className="ms-auto" onClick={copy} disabled={lines.length === 0}>
        {w.copy}
      </Button>
    </div>
  );
}

function Toggle({ label, on, onChange, children }: { label: string; on: boolean; onChange(on: boolean): void; children: ReactNode }) {
  return (
    <IconButton label={label} aria-pressed={on} onClick={() => onChange(!on)} className={on ? "bg-accent-tint text-accent" : ""}>
      {children}
    </IconButton>
  );
}

/** How many lines came since follow stopped. */
function useSeen(total: number, follow: boolean): number {
  const mark = useRef(total);
  if (follow) mark.current = total;
  return Math.max(0, total - mark.current);
}

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useDeeds } from "../../api/deeds";
import { look, type Server } from "../../model/server";
import { useNow } from "../../shell/now";
import { serverPath } from "../../shell/paths";
import { read, useRemembered } from "../../shell/remembered";
import { words } from "../../words";
import { useIsolation } from "../isolation/leave";
import { useLastCalls } from "./last-call";
import { ServerRow } from "./row";

const w = words.serversScreen;
const ROW = { normal: 44, dense: 32 };
const SECOND_LINE = 26;
const HEAD = 32;

interface Wanted {
  servers: readonly Server[];
  paused: boolean;
  onRemove(server: Server): Promise<void>;
}

/** Only the rows in sight exist; one of them holds the focus, and its controls are the ones that Tab reaches. */
export function ServerList({ servers, paused, onRemove }: Wanted) {
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string>();
  const now = useNow();
  const lastCalls = useLastCalls();
  const wantsFocus = useRef(false);
  const at = Math.max(
    0,
    servers.findIndex((server) => server.name === active),
  );
  const [density] = useRemembered<"normal" | "dense">("density", "normal");
  const row = ROW[density];
  const heights = useCallback((index: number) => row + (twoLines(servers[index], paused) ? SECOND_LINE : 0), [servers, paused, row]);
  const rows = useVirtualizer({
    count: servers.length,
    getScrollElement: () => scroll.current,
    estimateSize: heights,
    getItemKey: (index) => servers[index]?.name ?? index,
    overscan: 8,
    scrollMargin: HEAD,
  });
  // Heights follow from the states, so a change of state is measured anew without looking at the page.
  const shape = servers.map((server) => (twoLines(server, paused) ? "1" : "0")).join("") + density;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape is what the measure depends on
  useEffect(() => rows.measure(), [shape, rows]);
  const act = useRowKeys(servers, at, (index) => {
    const next = servers[index];
    if (!next) return;
    wantsFocus.current = true;
    setActive(next.name);
    rows.scrollToIndex(index);
  });
  useEffect(() => {
    if (!wantsFocus.current || active === undefined) return;
    const row = scroll.current?.querySelector<HTMLElement>(`[data-server="${CSS.escape(active)}"]`);
    if (row) {
      wantsFocus.current = false;
      row.focus();
    }
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys come from the rows inside
    <div ref={scroll} onKeyDown={act} className="h-full overflow-y-auto">
      <div role="grid" aria-label={w.list} aria-rowcount={servers.length + 1} className="relative">
        <div
          role="row"
          aria-rowindex={1}
          className="server-grid sticky top-0 z-10 h-[30px] items-center border-line border-b bg-bg px-4 text-muted text-small wide:px-6"
        >
          <span role="columnheader">{w.name}</span>
          <span role="columnheader" className="col-protection">
            {w.protection}
          </span>
          <span role="columnheader" className="col-image">
            {w.image}
          </span>
          <span role="columnheader" className="col-figures">
            {w.figures}
          </span>
          <span role="columnheader" className="col-tools text-end">
            {w.tools}
          </span>
          <span role="columnheader" className="col-call text-end">
            {w.lastCall}
          </span>
          <span role="columnheader">
            <span className="sr-only">{w.actions}</span>
          </span>
        </div>
        <div role="presentation" style={{ height: `${rows.getTotalSize()}px` }} className="relative">
          {rows.getVirtualItems().map((item) => {
            const server = servers[item.index];
            if (!server) return null;
            return (
              <div
                key={item.key}
                role="presentation"
                className="absolute inset-x-0 top-0"
                style={{ height: `${item.size}px`, transform: `translateY(${item.start - HEAD}px)` }}
              >
                <ServerRow
                  server={server}
                  index={item.index}
                  active={item.index === at}
                  paused={paused}
                  now={now}
                  lastCall={lastCalls.get(server.name)}
                  onActive={setActive}
                  onRemove={onRemove}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function twoLines(server: Server | undefined, paused: boolean): boolean {
  return server !== undefined && look(server, paused).sentence !== undefined;
}

/** Arrows and J K move, Enter opens, letters act on the row that has the focus. */
function useRowKeys(servers: readonly Server[], at: number, move: (index: number) => void) {
  const [, go] = useLocation();
  const deeds = useDeeds();
  const isolation = useIsolation();
  return (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    if (target.getAttribute("role") !== "row" || event.ctrlKey || event.metaKey || event.altKey) return;
    const server = servers[at];
    if (!server) return;
    const page = 10;
    const keys: Record<string, () => void> = {
      ArrowDown: () => move(at + 1),
      j: () => move(at + 1),
      ArrowUp: () => move(at - 1),
      k: () => move(at - 1),
      Home: () => move(0),
      End: () => move(servers.length - 1),
      PageDown: () => move(Math.min(servers.length - 1, at + page)),
      PageUp: () => move(Math.max(0, at - page)),
      Enter: () => go(serverPath(server.name)),
      i: () => isolation.toggle(server),
      e: () => void (server.enabled ? deeds.disable(server.name) : deeds.enable(server.name)),
      r: () => void deeds.restart(server.name),
      l: () => go(serverPath(server.name, "logs")),
      ContextMenu: () => openMenu(target),
    };
    if (event.key.length === 1 && read("letters") === "off") return;
    const name = event.key === "F10" && event.shiftKey ? "ContextMenu" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const deed = keys[name];
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  };
}

function openMenu(row: HTMLElement) {
  const button = row.querySelector<HTMLElement>("[data-row-menu]");
  button?.focus();
  button?.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
}

import { Ellipsis } from "lucide-react";
import { memo } from "react";
import { Link, useLocation } from "wouter";
import { useDeeds } from "../../api/deeds";
import { imageName, look, type Server, spoken } from "../../model/server";
import { cleanLine } from "../../model/text";
import { StateMark } from "../../parts/mark";
import { Menu } from "../../parts/menu";
import { ProgressBar } from "../../parts/progress";
import { serverPath } from "../../shell/paths";
import { words } from "../../words";
import { Protection } from "../isolation/protection";
import { DeedButton } from "./deed";
import { Figures } from "./figures";
import { LastCall } from "./last-call";

const w = words.serversScreen;

interface Wanted {
  server: Server;
  index: number;
  active: boolean;
  paused: boolean;
  now: number;
  lastCall: string | undefined;
  onActive(name: string): void;
  onRemove(server: Server): Promise<void>;
}

export const ServerRow = memo(function ServerRow({ server, index, active, paused, now, lastCall, onActive, onRemove }: Wanted) {
  const [, go] = useLocation();
  const { mark, tone, word, sentence, deed } = look(server, paused, now);
  const tab = active ? 0 : -1;
  const open = () => go(serverPath(server.name));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys of its rows
    <div
      role="row"
      tabIndex={tab}
      data-server={server.name}
      aria-rowindex={index + 2}
      aria-label={spoken(server, paused)}
      onFocus={() => onActive(server.name)}
      onClick={(event) => {
        if (!(event.target as HTMLElement).closest("button,a,[role=menu]")) open();
      }}
      className="flex h-full flex-col justify-center border-line border-b px-4 outline-offset-[-2px] hover:bg-hover wide:px-6"
    >
      <div role="presentation" className="server-grid items-center">
        <div role="gridcell" className="flex min-w-0 items-center gap-2.5">
          <StateMark mark={mark} tone={tone} />
          <Link href={serverPath(server.name)} tabIndex={tab} className="truncate font-medium hover:underline">
            {cleanLine(server.name)}
          </Link>
          <span className="sr-only">{word}</span>
        </div>
        <div role="gridcell" className="col-protection">
          <Protection server={server} tabIndex={tab} />
        </div>
        <div role="gridcell" className="col-image truncate text-muted">
          {imageName(server.image ?? server.isolation_defaults?.image) ?? words.none}
        </div>
        <div role="gridcell" className="col-figures text-muted">
          <Figures server={server} paused={paused} />
        </div>
        <div role="gridcell" className="col-tools text-end text-muted">
          {server.connected ? server.tool_count : words.none}
        </div>
        <div role="gridcell" className="col-call text-end text-muted">
          <LastCall at={lastCall} now={now} />
        </div>
        <div role="gridcell" className="flex justify-end">
          <Menu
            trigger={
              <button
                type="button"
                data-row-menu=""
                tabIndex={tab}
                aria-label={w.more(server.name)}
                className="flex size-[28px] items-center justify-center rounded-control text-muted hover:bg-sunken hover:text-text"
              >
                <Ellipsis aria-hidden="true" className="size-4" />
              </button>
            }
            entries={useRowMenu(server, onRemove)}
          />
        </div>
      </div>
      {sentence && (
        <div role="presentation" className="flex items-center gap-4 ps-[26px]">
          <span role="gridcell" className="min-w-0 flex-1 truncate text-muted" title={sentence}>
            {cleanLine(sentence)}
          </span>
          {server.progress && (
            <span role="gridcell">
              <ProgressBar progress={server.progress} label={server.progress.subject} />
            </span>
          )}
          {deed && (
            <span role="gridcell">
              <DeedButton deed={deed} server={server} tabIndex={tab} />
            </span>
          )}
        </div>
      )}
    </div>
  );
});

function useRowMenu(server: Server, onRemove: (server: Server) => Promise<void>) {
  const [, go] = useLocation();
  const deeds = useDeeds();
  const d = words.deed;
  return [
    { label: d.open, onSelect: () => go(serverPath(server.name)) },
    { label: d.restart, disabled: !server.enabled, onSelect: () => void deeds.restart(server.name), hint: "R" },
    { label: d.logs, onSelect: () => go(serverPath(server.name, "logs")), hint: "L" },
    ...(server.url ? [{ label: d.copyAddress, onSelect: () => void navigator.clipboard.writeText(server.url ?? "") }] : []),
    server.enabled
      ? { label: d.disable, onSelect: () => void deeds.disable(server.name), hint: "E" }
      : { label: d.enable, onSelect: () => void deeds.enable(server.name), hint: "E" },
    "line" as const,
    { label: d.remove, danger: true, onSelect: () => void onRemove(server) },
  ];
}

import { ArrowLeft } from "lucide-react";
import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";
import { useDeeds } from "../../api/deeds";
import { useServers } from "../../api/queries";
import { look, type Server } from "../../model/server";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { StateMark, TONE } from "../../parts/mark";
import { Menu } from "../../parts/menu";
import { ProgressBar } from "../../parts/progress";
import { Empty, Failed, Skeleton } from "../../parts/states";
import { useKey } from "../../shell/keys";
import { serverPath, type Tab } from "../../shell/paths";
import { words } from "../../words";
import { ALL, Timeline } from "../activity/timeline";
import { Protection } from "../isolation/protection";
import { DeedButton } from "../servers/deed";
import { useRemoval } from "../servers/removal";
import { usePaused } from "../servers/screen";
import { ConfigTab } from "./config";
import { IsolationTab } from "./isolation";
import { LogsTab } from "./logs";
import { Overview } from "./overview";
import { ToolsTab } from "./tools";

const w = words.server;

const TABS: { tab: Tab; label: string; show(server: Server): ReactNode }[] = [
  { tab: "overview", label: w.overview, show: (server) => <Overview server={server} /> },
  { tab: "tools", label: w.tools, show: (server) => <ToolsTab server={server} /> },
  { tab: "isolation", label: w.isolation, show: (server) => <IsolationTab server={server} /> },
  { tab: "logs", label: w.logs, show: (server) => <LogsTab server={server.name} /> },
  { tab: "activity", label: w.activity, show: (server) => <Timeline filter={{ ...ALL, server: server.name }} /> },
  { tab: "config", label: w.config, show: (server) => <ConfigTab server={server} /> },
];

/** One server: its head stays, the tabs below it are addresses of their own. */
export function ServerScreen() {
  const { name: encoded = "", tab = "overview" } = useParams<{ name: string; tab?: Tab }>();
  const [, go] = useLocation();
  const name = decodeURIComponent(encoded);
  const { data, error, refetch } = useServers();
  const server = data?.servers.find((other) => other.name === name);
  useKey("escape", () => go("/servers"));
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  if (!server) {
    return (
      <Empty text={w.gone(cleanLine(name))}>
        <Button onClick={() => go("/servers")}>{w.toList}</Button>
      </Empty>
    );
  }
  const shown = TABS.some((other) => other.tab === tab) ? tab : "overview";
  return (
    <Tabs.Root
      value={shown}
      onValueChange={(next) => go(serverPath(name, next as Tab), { replace: true })}
      activationMode="manual"
      className="flex h-full min-h-0 flex-col"
    >
      <Head server={server} />
      <Tabs.List aria-label={w.tabs} className="flex shrink-0 gap-1 overflow-x-auto border-line border-b bg-bg px-3 wide:px-5">
        {TABS.map(({ tab: value, label }) => (
          <Tabs.Trigger
            key={value}
            value={value}
            className="-mb-px h-9 shrink-0 border-transparent border-b-2 px-2.5 text-muted hover:text-text data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-text focus-visible:outline-offset-[-2px]"
          >
            {label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {TABS.map(({ tab: value, show }) => (
        <Tabs.Content key={value} value={value} tabIndex={-1} className="min-h-0 flex-1 outline-none">
          {value === shown && show(server)}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

function Head({ server }: { server: Server }) {
  const paused = usePaused();
  const deeds = useDeeds();
  const remove = useRemoval();
  const [, go] = useLocation();
  const { mark, tone, word, sentence, deed } = look(server, paused);
  const d = words.deed;
  return (
    <header className="px-4 pt-2 pb-2 wide:px-6">
      <Link href="/servers" className="inline-flex min-h-[28px] items-center gap-1 text-muted text-small hover:text-text">
        <ArrowLeft aria-hidden="true" className="size-3.5" />
        {w.toList}
      </Link>
      <div className="flex min-h-[30px] flex-wrap items-center gap-x-3 gap-y-2">
        <StateMark mark={mark} tone={tone} className="size-5" />
        <h1 className="min-w-0 truncate font-semibold text-title tracking-tight">{cleanLine(server.name)}</h1>
        <span className={TONE[tone]}>{word}</span>
        <div className="ms-auto flex items-center gap-2">
          <Protection server={server} />
          <Button
            small
            disabled={!server.enabled && server.state === "stopping"}
            onClick={() => void (server.enabled ? deeds.restart(server.name) : deeds.enable(server.name))}
          >
            {server.enabled ? d.restart : d.enable}
          </Button>
          <Menu
            trigger={<Button small>{words.more}</Button>}
            entries={[
              server.enabled
                ? { label: d.disable, onSelect: () => void deeds.disable(server.name) }
                : { label: d.enable, onSelect: () => void deeds.enable(server.name) },
              "line",
              { label: d.remove, danger: true, onSelect: () => void remove(server).then(() => go("/servers")) },
            ]}
          />
        </div>
      </div>
      {sentence && (
        <div role="status" className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 break-words text-muted">{cleanLine(sentence)}</p>
          {server.progress && <ProgressBar progress={server.progress} label={server.progress.subject} />}
          {deed && deed !== "review" && <DeedButton deed={deed} server={server} />}
        </div>
      )}
    </header>
  );
}

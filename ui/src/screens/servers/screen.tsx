import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import { useServers, useStatus } from "../../api/queries";
import { counts, look, type Server, sorted } from "../../model/server";
import { Button } from "../../parts/button";
import { SearchField, Segments } from "../../parts/field";
import { Screen } from "../../parts/screen";
import { Empty, Failed, Skeleton } from "../../parts/states";
import { useKey } from "../../shell/keys";
import { words } from "../../words";
import { FiguresFeed } from "./figures-feed";
import { ServerList } from "./list";
import { useRemoval } from "./removal";

const w = words.serversScreen;
type Filter = "all" | "needs" | "running";

/** All servers: what needs the person first, everything else in its place. */
export function ServersScreen() {
  const [, go] = useLocation();
  const { data, error, refetch } = useServers();
  const paused = usePaused();
  const remove = useRemoval();
  const [text, setText] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const servers = useMemo(() => data?.servers ?? [], [data]);
  const sums = useMemo(() => counts(servers, paused), [servers, paused]);
  const rows = useMemo(
    () =>
      sorted(
        servers.filter((server) => fits(server, text, filter, paused)),
        paused,
      ),
    [servers, text, filter, paused],
  );
  const add = () => go("/add");
  useKey("mod+n", add);
  return (
    <Screen
      title={w.title}
      beside={
        servers.length > 0 && (
          <>
            <SearchField label={w.search} value={text} onChange={setText} className="min-w-28 max-w-72 flex-1" />
            <Segments<Filter>
              label={w.filter}
              value={filter}
              onChange={setFilter}
              options={[
                { value: "all", label: w.all(sums.all) },
                { value: "needs", label: w.needs(sums.needs) },
                { value: "running", label: w.running(sums.running) },
              ]}
            />
          </>
        )
      }
      actions={
        <Button kind="filled" onClick={add}>
          <Plus aria-hidden="true" className="size-4" />
          {w.add}
        </Button>
      }
      under={servers.length > 0 && <p>{summary(sums)}</p>}
    >
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton text={w.loading} />
      ) : servers.length === 0 ? (
        <Empty text={w.empty}>
          <Button onClick={add}>{w.emptyAdd}</Button>
        </Empty>
      ) : rows.length === 0 ? (
        <Empty text={w.nothing}>
          <Button
            onClick={() => {
              setText("");
              setFilter("all");
            }}
          >
            {w.clearFilter}
          </Button>
        </Empty>
      ) : (
        <FiguresFeed>
          <ServerList servers={rows} paused={paused} onRemove={remove} />
        </FiguresFeed>
      )}
    </Screen>
  );
}

export function usePaused(): boolean {
  return Boolean(useStatus().data?.paused);
}

function fits(server: Server, text: string, filter: Filter, paused: boolean): boolean {
  if (filter !== "all" && look(server, paused).group !== filter) return false;
  const wanted = text.trim().toLowerCase();
  if (!wanted) return true;
  return [server.name, server.image, server.command, server.url, ...(server.args ?? [])].some((part) =>
    part?.toLowerCase().includes(wanted),
  );
}

function summary(sums: ReturnType<typeof counts>): string {
  const off = sums.all - sums.isolated - sums.unprotected - sums.held - sums.elsewhere;
  return [
    w.isolated(sums.isolated),
    sums.unprotected > 0 && w.unprotected(sums.unprotected),
    sums.held > 0 && w.held(sums.held),
    sums.elsewhere > 0 && w.elsewhere(sums.elsewhere),
    off > 0 && w.off(off),
  ]
    .filter(Boolean)
    .join(", ");
}

import { useState } from "react";
import { useRead, useServers } from "../../api/queries";
import type { Period } from "../../model/activity";
import { count } from "../../model/format";
import { cleanLine } from "../../model/text";
import { SearchField } from "../../parts/field";
import { Choice } from "../../parts/menu";
import { Screen } from "../../parts/screen";
import { words } from "../../words";
import { ALL, type Filter, Timeline } from "./timeline";

const w = words.activity;

/** What was called, by whom, and how it ended; and what was changed. */
export function ActivityScreen() {
  const [filter, setFilter] = useState<Filter>(ALL);
  const today = useRead("activity", "/api/v1/activity/summary", { query: { period: "today" } }).data;
  const month = useRead("activity", "/api/v1/activity/summary", { query: { period: "30d" } }).data;
  const servers = useServers().data?.servers ?? [];
  const edit = (change: Partial<Filter>) => setFilter((now) => ({ ...now, ...change }));
  const any = { value: "", label: w.any };
  return (
    <Screen
      title={w.title}
      under={today && <p>{w.today(today.total_count, count(today.error_count), count(today.blocked_count + today.rejected_count))}</p>}
    >
      <div className="flex h-full flex-col">
        <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2 wide:px-6">
          <Choice
            named
            label={w.server}
            value={filter.server}
            options={[any, ...servers.map((server) => ({ value: server.name, label: cleanLine(server.name) }))]}
            onChange={(server) => edit({ server })}
          />
          <Choice
            named
            label={w.client}
            value={filter.client}
            options={[any, ...(month?.clients ?? []).map((client) => ({ value: client.name, label: cleanLine(client.name) }))]}
            onChange={(client) => edit({ client })}
          />
          <Choice named label={w.result} value={filter.status} options={w.results} onChange={(status) => edit({ status })} />
          <Choice named label={w.kind} value={filter.kind} options={w.kinds} onChange={(kind) => edit({ kind })} />
          <Choice label={w.period} value={filter.period} options={w.periods} onChange={(period) => edit({ period: period as Period })} />
          <SearchField label={w.search} value={filter.text} onChange={(text) => edit({ text })} className="min-w-32 max-w-64 flex-1" />
        </div>
        <div className="min-h-0 flex-1">
          <Timeline filter={filter} onClear={() => setFilter(ALL)} />
        </div>
      </div>
    </Screen>
  );
}

import { useMemo } from "react";
import { useRead } from "../../api/queries";
import { ago, fullTime } from "../../model/format";
import { words } from "../../words";

/** When a tool of each server was last called. */
export function useLastCalls(): ReadonlyMap<string, string> {
  const { data } = useRead("activity", "/api/v1/activity/summary", { query: { period: "30d" } });
  return useMemo(
    () => new Map((data?.servers ?? []).flatMap((server) => (server.last_call ? [[server.name, server.last_call] as const] : []))),
    [data],
  );
}

export function LastCall({ at, now }: { at: string | undefined; now: number }) {
  if (!at) return <span>{words.none}</span>;
  return (
    <time dateTime={at} title={fullTime(at)}>
      {ago(at, now)}
    </time>
  );
}

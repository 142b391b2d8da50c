/** What the pages read. Answers stay until a change says otherwise. */

import { QueryClient, type UseQueryOptions, useQuery } from "@tanstack/react-query";
import { SignedOut } from "../host/host";
import { ApiError, call, type Data, type Path, type Wanted } from "./client";
import { useHost } from "./core";
import type { paths } from "./schema";

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        // A browser drops what is under way whenever a container's network appears; asking again is enough.
        retry: (times, error) => times < 4 && !(error instanceof ApiError) && !(error instanceof SignedOut),
        retryDelay: (times) => 150 * 2 ** times,
        networkMode: "always",
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

type GetOperation<P extends Path<"get">> = paths[P] extends { get: infer O } ? O : never;
type Options<P extends Path<"get">> = Omit<UseQueryOptions<Data<P, "get">, Error>, "queryKey" | "queryFn">;

/** Reads one address. The first word of the key says which changes make it stale. */
export function useRead<P extends Path<"get">>(
  subject: Subject,
  path: P,
  wanted: Omit<Wanted<GetOperation<P>>, "signal"> = {},
  options: Partial<Options<P>> = {},
) {
  const host = useHost();
  return useQuery<Data<P, "get">, Error>({
    queryKey: [subject, path, wanted.path ?? null, wanted.query ?? null],
    queryFn: ({ signal }) => call(host, "get", path, { ...wanted, signal } as never),
    ...options,
  });
}

export type Subject =
  | "servers"
  | "status"
  | "engine"
  | "tools"
  | "explain"
  | "config"
  | "findings"
  | "security"
  | "clients"
  | "activity"
  | "desktop"
  | "fixed";

/** Which answers each kind of change makes stale. */
const STALE: Record<string, readonly Subject[]> = {
  state: ["servers", "findings", "security", "status"],
  progress: ["servers"],
  tools: ["servers", "tools"],
  servers: ["servers", "status", "explain", "config", "findings", "security"],
  engine: ["engine", "servers", "status", "findings", "security"],
  config: ["config", "status", "explain", "findings", "security", "servers"],
  core: ["status", "engine", "findings"],
  paused: ["status", "servers"],
  clients: ["clients", "status", "findings"],
  activity: ["activity"],
};

export function staleSubjects(kinds: Iterable<string>): Set<Subject> {
  const stale = new Set<Subject>();
  for (const kind of kinds) {
    // A kind of a newer core: look at everything rather than miss something.
    for (const subject of STALE[kind] ?? Object.values(STALE).flat()) stale.add(subject);
  }
  return stale;
}

export function invalidate(client: QueryClient, stale: ReadonlySet<Subject> | undefined): void {
  void client.invalidateQueries({
    predicate: (query) => stale === undefined || stale.has(query.queryKey[0] as Subject),
  });
}

export const useServers = () => useRead("servers", "/api/v1/servers");
export const useStatus = () => useRead("status", "/api/v1/status");
export const useEngine = () => useRead("engine", "/api/v1/docker/status");

/** What a person can do to a server; each failure reaches them as a sentence. */

import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Server } from "../model/server";
import { raisedMemory } from "../model/server";
import { useToasts } from "../parts/toasts";
import { call } from "./client";
import { useHost } from "./core";
import { invalidate, type Subject } from "./queries";

export function useDeeds() {
  const host = useHost();
  const client = useQueryClient();
  const { say, fail } = useToasts();
  return useMemo(() => {
    const act = async <T>(deed: () => Promise<T>, ...stale: Subject[]): Promise<T | undefined> => {
      try {
        const answer = await deed();
        invalidate(client, new Set<Subject>(["servers", ...stale]));
        const message = (answer as { message?: string | null } | undefined)?.message;
        if (message && message !== "Server updated") say(message);
        return answer;
      } catch (error) {
        fail(error);
        return undefined;
      }
    };
    const path = (server: string) => ({ path: { id: server } });
    return {
      act,
      restart: (server: string) => act(() => call(host, "post", "/api/v1/servers/{id}/restart", path(server))),
      enable: (server: string) => act(() => call(host, "post", "/api/v1/servers/{id}/enable", path(server))),
      disable: (server: string) => act(() => call(host, "post", "/api/v1/servers/{id}/disable", path(server))),
      cancel: (server: string) => act(() => call(host, "post", "/api/v1/servers/{id}/cancel", path(server))),
      approve: (server: string) => act(() => call(host, "post", "/api/v1/servers/{id}/unquarantine", path(server))),
      remove: (server: string) => act(() => call(host, "delete", "/api/v1/servers/{id}", path(server)), "config"),
      isolate: (server: string, enabled: boolean, how: { for_seconds?: number; until_quit?: boolean } = {}) =>
        act(() => call(host, "post", "/api/v1/servers/{id}/isolation", { ...path(server), body: { enabled, ...how } }), "explain"),
      change: (server: string, patch: Record<string, unknown>) =>
        act(() => call(host, "patch", "/api/v1/servers/{id}", { ...path(server), body: patch as never }), "explain", "config"),
      raiseMemory(server: Server, fallback: string) {
        return this.change(server.name, { isolation: { memory_limit: raisedMemory(server, fallback) } });
      },
      pause: () => act(() => call(host, "post", "/api/v1/pause"), "status"),
      resume: () => act(() => call(host, "post", "/api/v1/resume"), "status"),
      checkEngine: () => act(() => call(host, "post", "/api/v1/docker/check"), "engine"),
    };
  }, [host, client, say, fail]);
}

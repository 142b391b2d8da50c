/** What only the application's own window can ask; these routes exist nowhere else. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { unwrap } from "../api/client";
import { useHost } from "../api/core";
import type { Host, Method } from "./host";

export interface DesktopState {
  version: string;
  stage: string;
  problem: { code: string; sentence: string } | null;
  tray: boolean;
  autostart: { state: "on" | "off" | "refused" | "disabled_by_person" | "unsupported"; detail?: string | null } | null;
  logs_dir: string;
  config_path: string;
  previous_crash: Record<string, unknown> | null;
}

async function ask<T>(host: Host, method: Method, path: string, body?: unknown): Promise<T> {
  const answer = await host.request(method, `/desktop/${path}`, body);
  return unwrap(answer.status, answer.body) as T;
}

/** The application's own state; nothing in a browser. */
export function useDesktop() {
  const host = useHost();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["desktop"],
    queryFn: () => ask<DesktopState>(host, "GET", "state"),
    enabled: host.desktop,
  });
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: ["desktop"] }), [client]);
  return {
    state: data,
    refresh,
    setAutostart: (on: boolean) => ask(host, "PUT", "autostart", { on }).finally(refresh),
    open: (what: "logs" | "config") => ask(host, "POST", "open", { what }),
    retry: () => ask(host, "POST", "retry").finally(() => client.invalidateQueries()),
    crash: (open: boolean) => ask(host, "POST", "crash", { open }).finally(refresh),
  };
}

/** Tells the application that something can be seen. */
export function tellPainted(host: Host): void {
  if (host.desktop) void host.request("POST", "/desktop/painted").catch(() => undefined);
}

/** The folder that a person chose in the system's own dialog. */
export async function pickFolder(host: Host): Promise<string | undefined> {
  return (await ask<{ path?: string | null }>(host, "POST", "pick-folder")).path ?? undefined;
}

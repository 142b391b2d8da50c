/** Changes of a server's isolation that were made in the panel and not applied yet. */

import type { Server } from "./server";

export interface Draft {
  memory?: string;
  cpu?: string;
  network?: string;
  image?: string;
  volumes?: string[];
}

export interface Folder {
  source: string;
  target: string;
  write: boolean;
}

/** `source:target[:ro|:rw]`, with a Windows drive letter allowed in front; no suffix means read only. */
export function readVolume(volume: string): Folder {
  const parts = /^((?:[A-Za-z]:)?[^:]*)(?::((?:[A-Za-z]:)?[^:]*))?(?::([a-zA-Z,]+))?$/.exec(volume);
  const source = parts?.[1] ?? volume;
  return { source, target: parts?.[2] || source, write: (parts?.[3] ?? "").split(",").includes("rw") };
}

export function writeVolume(folder: Folder): string {
  return `${folder.source}:${folder.target}:${folder.write ? "rw" : "ro"}`;
}

/** The merge patch of a draft. An empty text goes back to what holds for all servers. */
export function patchOf(draft: Draft): Record<string, unknown> {
  const isolation: Record<string, unknown> = {};
  if (draft.memory !== undefined) isolation.memory_limit = draft.memory || null;
  if (draft.cpu !== undefined) isolation.cpu_limit = draft.cpu || null;
  if (draft.network !== undefined) isolation.network_mode = draft.network || null;
  if (draft.image !== undefined) isolation.image = draft.image.trim() || null;
  if (draft.volumes !== undefined) isolation.volumes = draft.volumes.length > 0 ? draft.volumes : null;
  return Object.keys(isolation).length > 0 ? { isolation } : {};
}

/** A draft without what says the same as the server does already. */
export function withoutSame(draft: Draft, server: Server, defaults: { memory: string; cpu: string }): Draft {
  const own = server.isolation;
  const same: Record<keyof Draft, unknown> = {
    memory: own?.memory_limit ?? defaults.memory,
    cpu: own?.cpu_limit ?? defaults.cpu,
    network: own?.network_mode ?? server.isolation_defaults?.network_mode ?? "bridge",
    image: own?.image ?? "",
    volumes: own?.volumes ?? [],
  };
  return Object.fromEntries(
    Object.entries(draft).filter(
      ([key, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(same[key as keyof Draft]),
    ),
  ) as Draft;
}

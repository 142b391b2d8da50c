/** Addresses of the pages. */
export type Tab = "overview" | "tools" | "isolation" | "logs" | "activity" | "config";

export function serverPath(name: string, tab: Tab = "overview"): string {
  const base = `/servers/${encodeURIComponent(name)}`;
  return tab === "overview" ? base : `${base}/${tab}`;
}

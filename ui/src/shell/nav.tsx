import { Activity, Plug, ScrollText, Server, Settings, ShieldCheck } from "lucide-react";
import type { ComponentType } from "react";
import { words } from "../words";

export interface Section {
  path: string;
  label: string;
  icon: ComponentType<{ className?: string; "aria-hidden"?: "true" }>;
  /** The number of ⌘1 to ⌘7. Three is kept for approvals. */
  key: number;
}

export const SECTIONS: readonly Section[] = [
  { path: "/servers", label: words.nav.servers, icon: Server, key: 1 },
  { path: "/activity", label: words.nav.activity, icon: Activity, key: 2 },
  { path: "/security", label: words.nav.security, icon: ShieldCheck, key: 4 },
  { path: "/clients", label: words.nav.clients, icon: Plug, key: 5 },
  { path: "/logs", label: words.nav.logs, icon: ScrollText, key: 6 },
  { path: "/settings", label: words.nav.settings, icon: Settings, key: 7 },
];

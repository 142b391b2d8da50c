import { read } from "./remembered";

export type Theme = "system" | "light" | "dark";

/** Puts the remembered theme in force; the system's needs no mark. */
export function applyTheme(theme: Theme = read<Theme>("theme") ?? "system"): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

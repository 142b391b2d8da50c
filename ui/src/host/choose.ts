import type { Host } from "./host";

/** The window has Tauri's internals; everything else is a browser. */
export async function chooseHost(): Promise<Host> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriHost();
  return (await import("./http")).httpHost();
}

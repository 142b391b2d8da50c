import type { Host } from "./host";
import { httpHost } from "./http";
import { tauriHost } from "./tauri";

/** The window has Tauri's internals; everything else is a browser. */
export async function chooseHost(): Promise<Host> {
  return "__TAURI_INTERNALS__" in window ? tauriHost() : httpHost();
}

import { invoke } from "@tauri-apps/api/core";
import { type Answer, type Host, Unreachable } from "./host";

/** The application's window: two commands lead to the router in the same process. */
export function tauriHost(): Host {
  return {
    desktop: true,
    async request(method, path, body, signal) {
      const asked =
        method === "GET" ? invoke<Answer>("api_read", { path }) : invoke<Answer>("api_write", { method, path, body: body ?? null });
      const answer = await raceAbort(asked, signal).catch((cause: unknown) => {
        if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
        throw new Unreachable(String(cause), { cause });
      });
      return { status: answer.status, body: parsed(answer.body) };
    },
  };
}

function parsed(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** A command cannot be called back, so an abort only stops waiting for it. */
function raceAbort<T>(asked: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return asked;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new DOMException("aborted", "AbortError"));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

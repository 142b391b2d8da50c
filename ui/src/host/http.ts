import { type Answer, type Host, SignedOut, Unreachable } from "./host";

const SESSION = "mcpproxy.session";

/** The pages as a browser shows them, under `/ui/` of a running core. */
export async function httpHost(): Promise<Host> {
  await takeCode();
  return { desktop: false, request };
}

async function request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  const headers = new Headers({ Accept: "application/json" });
  const session = sessionStorage.getItem(SESSION);
  if (session) headers.set("Authorization", `Bearer ${session}`);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const init: RequestInit = { method, headers, cache: "no-store", credentials: "omit" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Unreachable("fetch", { cause });
  }
  if (response.status === 401) throw new SignedOut();
  // What a development server says while the core is away.
  if (response.status === 502 && !response.headers.get("Content-Type")?.includes("json")) throw new Unreachable();
  const text = await response.text();
  return { status: response.status, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `mcpproxy open` gives a code that works once, in the part of the address that is never sent. */
async function takeCode(): Promise<void> {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  const response = await fetch(new URL("session", location.href), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
    credentials: "omit",
  }).catch(() => undefined);
  if (!response?.ok) return;
  const answer = (await response.json()) as { data?: { token?: string }; token?: string };
  const token = answer.data?.token ?? answer.token;
  if (token) sessionStorage.setItem(SESSION, token);
}

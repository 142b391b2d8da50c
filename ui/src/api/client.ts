import type { Host, Method } from "../host/host";
import type { components, paths } from "./schema";

/** A shape of the API, by the name the core gives it. */
export type Shape<Name extends keyof components["schemas"]> = components["schemas"][Name];

type Verb = "get" | "post" | "put" | "patch" | "delete";
/** The addresses that answer a method. */
export type Path<V extends Verb> = {
  [P in keyof paths]: paths[P] extends Record<V, { responses: unknown }> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, V extends Verb> = paths[P] extends Record<V, infer O> ? O : never;
type Content<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Ok<O> = O extends { responses: { 200: infer R } } ? Content<R> : never;
/** What the frame of a good answer holds. */
export type Data<P extends keyof paths, V extends Verb> = Ok<Operation<P, V>> extends { data: infer D } ? D : unknown;
type Given<O, K extends "path" | "query"> = O extends { parameters: infer P }
  ? K extends keyof P
    ? Exclude<P[K], undefined>
    : never
  : never;
type Body<O> = O extends { requestBody: infer R } ? Content<R> : never;

export interface Wanted<O> {
  path?: Given<O, "path">;
  query?: Given<O, "query">;
  body?: Body<O>;
  signal?: AbortSignal;
}

/** The core said no. `message` is a whole sentence for people. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string | undefined,
    readonly requestId: string | undefined,
  ) {
    super(message);
  }
}

/** Asks the core at one of its documented addresses. */
export async function call<V extends Verb, P extends Path<V>>(
  host: Host,
  verb: V,
  path: P,
  wanted: Wanted<Operation<P, V>> = {},
): Promise<Data<P, V>> {
  const address = fill(path as string, wanted.path as Record<string, unknown> | undefined) + query(wanted.query);
  const answer = await host.request(verb.toUpperCase() as Method, address, wanted.body, wanted.signal);
  return unwrap(answer.status, answer.body) as Data<P, V>;
}

export function fill(path: string, values: Record<string, unknown> | undefined): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values?.[name] ?? "")));
}

function query(values: unknown): string {
  const given = Object.entries((values ?? {}) as Record<string, unknown>).filter(([, value]) => value != null);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

export function unwrap(status: number, body: unknown): unknown {
  const frame = (body ?? {}) as { success?: boolean; data?: unknown; error?: unknown; code?: string; request_id?: string };
  if (status >= 200 && status < 300 && frame.success !== false) return frame.data ?? body;
  const text = typeof frame.error === "string" && frame.error ? frame.error : `HTTP ${status}`;
  throw new ApiError(text, status, frame.code, frame.request_id);
}

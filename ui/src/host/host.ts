/** How the pages reach the core. Everything else in `src` knows only this. */
export interface Host {
  /** Whether the pages stand in the application's own window. */
  readonly desktop: boolean;
  request(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer>;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Answer {
  status: number;
  body: unknown;
}

/** The pages have no valid session with the core; only a new address from the person's terminal gives one. */
export class SignedOut extends Error {}

/** The core could not be asked at all. */
export class Unreachable extends Error {}

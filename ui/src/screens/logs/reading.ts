/** Reading a log: its end first, on as it grows, back as somebody looks. */

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, call } from "../../api/client";
import { useHost } from "../../api/core";
import type { Host } from "../../host/host";
import { LogBuffer } from "../../model/log-buffer";

const TAIL = 500;
const PAGE = 262_144;
const WAIT = 25;
const PAUSE = 500;

export interface Reading {
  buffer: LogBuffer;
  version: number;
  /** Whether the first lines are here. */
  loaded: boolean;
  error: unknown;
  /** Whether everything that is kept of the log is here. */
  complete: boolean;
  older(): Promise<void>;
  /** Reads everything back to the first line. */
  all(): Promise<void>;
}

export function useLog(source: string): Reading {
  const host = useHost();
  const [buffer, setBuffer] = useState(() => new LogBuffer());
  const [version, setVersion] = useState(0);
  const [loaded, setLoaded] = useState(false);
  const [error, setError] = useState<unknown>();
  const backward = useRef<Promise<void> | undefined>(undefined);
  useEffect(() => {
    const control = new AbortController();
    const next = new LogBuffer();
    setBuffer(next);
    setLoaded(false);
    setError(undefined);
    backward.current = undefined;
    const grown = () => {
      setVersion((now) => now + 1);
      setLoaded(true);
    };
    readOn(host, source, next, grown, control.signal).catch((cause: unknown) => {
      if (!control.signal.aborted) setError(cause);
    });
    return () => control.abort();
  }, [host, source]);

  const shown = useRef(buffer);
  shown.current = buffer;
  const older = useCallback(async () => {
    backward.current ??= readBack(host, source, buffer).finally(() => {
      backward.current = undefined;
      setVersion((now) => now + 1);
    });
    await backward.current;
  }, [host, source, buffer]);
  const all = useCallback(async () => {
    while (buffer.oldest && !buffer.full && shown.current === buffer) {
      try {
        await older();
      } catch (cause) {
        // The core's own no is final; a request that the browser dropped is made again.
        if (cause instanceof ApiError) return;
        await new Promise((next) => setTimeout(next, PAUSE));
      }
    }
  }, [buffer, older]);
  useEffect(
    () => () => {
      shown.current = new LogBuffer();
    },
    [],
  );
  return { buffer, version, loaded, error, complete: loaded && (!buffer.oldest || buffer.full), older, all };
}

async function readOn(host: Host, source: string, buffer: LogBuffer, grown: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const end = buffer.newest;
    const query = end ? { source, after: end.offset, file: end.file, wait: WAIT, limit_bytes: PAGE } : { source, tail: TAIL };
    try {
      buffer.append(await call(host, "get", "/api/v1/logs/lines", { query, signal }));
      grown();
    } catch (error) {
      if (signal.aborted || error instanceof ApiError) throw error;
      await new Promise((next) => setTimeout(next, 2000));
    }
  }
}

async function readBack(host: Host, source: string, buffer: LogBuffer): Promise<void> {
  const begin = buffer.oldest;
  if (!begin || buffer.full) return;
  const query = { source, before: begin.offset, file: begin.file, limit_bytes: PAGE };
  buffer.prepend(await call(host, "get", "/api/v1/logs/lines", { query }));
}

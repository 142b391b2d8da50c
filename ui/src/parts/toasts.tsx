import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { Unreachable } from "../host/host";
import { cleanLine } from "../model/text";
import { words } from "../words";
import { Button, IconButton } from "./button";

interface Toast {
  id: number;
  text: string;
  bad?: boolean;
  undo?: () => void;
  /** When it went away without Undo. */
  onDone?: () => void;
}

interface Say {
  /** A quiet message, with a way back where there is one. */
  say(text: string, more?: { undo?: () => void; onDone?: () => void; seconds?: number }): void;
  /** A failure of the person's own action; it stays until it is closed. */
  fail(error: unknown): void;
}

const Toasts = createContext<Say>({ say() {}, fail() {} });
export const useToasts = () => useContext(Toasts);

export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return cleanLine(error.message);
  if (error instanceof Unreachable) return words.lost.short;
  return words.unexpected(error instanceof Error ? cleanLine(error.message) : String(error));
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(1);
  const timers = useRef(new Map<number, ReturnType<typeof setTimeout>>());

  const close = useCallback((id: number) => {
    clearTimeout(timers.current.get(id));
    timers.current.delete(id);
    setToasts((now) => now.filter((toast) => toast.id !== id));
  }, []);
  const add = useCallback(
    (toast: Omit<Toast, "id">, seconds?: number) => {
      const id = next.current++;
      setToasts((now) => [...now.filter((old) => old.text !== toast.text).slice(-2), { ...toast, id }]);
      if (seconds) {
        timers.current.set(
          id,
          setTimeout(() => {
            close(id);
            toast.onDone?.();
          }, seconds * 1000),
        );
      }
    },
    [close],
  );
  useEffect(() => {
    const running = timers.current;
    return () => {
      for (const timer of running.values()) clearTimeout(timer);
    };
  }, []);

  const value = useMemo<Say>(
    () => ({
      say: (text, more = {}) =>
        add(
          { text, ...(more.undo && { undo: more.undo }), ...(more.onDone && { onDone: more.onDone }) },
          more.seconds ?? (more.undo ? 10 : 5),
        ),
      fail: (error) => add({ text: sentenceOf(error), bad: true }),
    }),
    [add],
  );
  return (
    <Toasts value={value}>
      {children}
      <section
        aria-label={words.messages}
        className="pointer-events-none fixed inset-x-0 bottom-4 z-40 flex flex-col items-center gap-2 px-4"
      >
        {toasts.map((toast) => (
          <div
            key={toast.id}
            role={toast.bad ? "alert" : "status"}
            className={`sheet pointer-events-auto flex max-w-[560px] items-center gap-3 rounded-card border bg-surface py-2 pr-2 pl-4 shadow-sheet ${toast.bad ? "border-bad text-bad" : "border-line"}`}
          >
            <span className="min-w-0 break-words">{toast.text}</span>
            {toast.undo && (
              <Button
                small
                kind="quiet"
                onClick={() => {
                  close(toast.id);
                  toast.undo?.();
                }}
              >
                {words.undo}
              </Button>
            )}
            <IconButton
              label={words.close}
              onClick={() => {
                close(toast.id);
                toast.onDone?.();
              }}
            >
              <X aria-hidden="true" className="size-4" />
            </IconButton>
          </div>
        ))}
      </section>
    </Toasts>
  );
}

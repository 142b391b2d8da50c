import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from "react";

type Handler = (event: KeyboardEvent) => void;

interface Keys {
  add(combination: string, handler: Handler): () => void;
}

const Keyboard = createContext<Keys>({ add: () => () => {} });

export const isMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent);

/** "mod+k" for ⌘K and Ctrl+K, "escape", "/", "?". Letters alone never act here (WCAG 2.1.4). */
export function combinationOf(event: KeyboardEvent, mac: boolean): string {
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  const key = event.key.toLowerCase();
  return [mod && "mod", other && "other", event.altKey && "alt", event.shiftKey && key.length > 1 && "shift", key]
    .filter(Boolean)
    .join("+");
}

function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** The one listener for keys of the whole window. The newest handler of a combination wins. */
export function KeyProvider({ children }: { children: ReactNode }) {
  const handlers = useRef(new Map<string, Handler[]>());
  const keys = useMemo<Keys>(
    () => ({
      add(combination, handler) {
        const all = handlers.current.get(combination) ?? [];
        handlers.current.set(combination, [...all, handler]);
        return () => {
          const now = handlers.current.get(combination) ?? [];
          handlers.current.set(
            combination,
            now.filter((other) => other !== handler),
          );
        };
      },
    }),
    [],
  );
  useEffect(() => {
    const mac = isMac();
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const combination = combinationOf(event, mac);
      if (!combination.includes("mod+") && inField(event.target)) return;
      // A dialog has the keyboard to itself.
      if (document.querySelector("dialog[open]") && combination !== "mod+k") return;
      const handler = handlers.current.get(combination)?.at(-1);
      if (!handler) return;
      event.preventDefault();
      handler(event);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return <Keyboard value={keys}>{children}</Keyboard>;
}

/** Does something on a key while the component is shown. */
export function useKey(combination: string, handler: Handler, active = true): void {
  const keys = useContext(Keyboard);
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => (active ? keys.add(combination, (event) => latest.current(event)) : undefined), [keys, combination, active]);
}

/** How a combination is written on this system. */
export function keyLabel(combination: string): string {
  const mac = isMac();
  return combination
    .split("+")
    .map((part) => (part === "mod" ? (mac ? "⌘" : "Ctrl") : part.length === 1 ? part.toUpperCase() : part))
    .join(mac ? "" : "+");
}

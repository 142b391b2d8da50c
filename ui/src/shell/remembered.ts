import { useCallback, useState } from "react";

/** What the window remembers by itself: looks, never data. */
export function useRemembered<T extends string>(name: string, fallback: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => read(name) ?? fallback);
  const keep = useCallback(
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(`mcpproxy.${name}`, next);
      } catch {
        // Storage may be switched off; then it is remembered until the page ends.
      }
    },
    [name],
  );
  return [value, keep];
}

export function read<T extends string>(name: string): T | undefined {
  try {
    return (localStorage.getItem(`mcpproxy.${name}`) as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

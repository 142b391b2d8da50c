import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { Dialog } from "../../parts/dialog";
import { inputClass } from "../../parts/field";
import { keyLabel } from "../../shell/keys";
import { words } from "../../words";
import { type Command, useCommands } from "./commands";

const w = words.palette;
const MOST = 60;

/** Every action, server and setting by name. */
export function Palette({ onClose }: { onClose(): void }) {
  const commands = useCommands();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => ranked(commands, text).slice(0, MOST), [commands, text]);
  const chosen = Math.min(at, shown.length - 1);
  const move = (to: number) => {
    const next = (to + shown.length) % Math.max(1, shown.length);
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => move(chosen + 1),
    ArrowUp: () => move(chosen - 1),
    Home: () => move(0),
    End: () => move(shown.length - 1),
    Enter: () => run(shown[chosen]),
  };
  const pressed = (event: KeyboardEvent) => {
    const deed = keys[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  };
  return (
    <Dialog title={w.title} onClose={onClose}>
      <input
        role="combobox"
        aria-label={w.search}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={shown[chosen] ? `${id}-${chosen}` : undefined}
        aria-autocomplete="list"
        placeholder={w.search}
        value={text}
        spellCheck={false}
        data-autofocus
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={pressed}
        className={inputClass}
      />
      <div ref={list} id={id} role="listbox" aria-label={w.title} tabIndex={-1} className="mt-2 max-h-80 overflow-y-auto">
        {shown.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard
          <div
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => run(command)}
            onMouseMove={() => setAt(index)}
            className={`flex min-h-[30px] items-center gap-3 rounded-control px-2.5 ${index === chosen ? "bg-accent text-on-accent" : ""}`}
          >
            <span className="min-w-0 flex-1 truncate">{command.label}</span>
            {command.key && <kbd>{keyLabel(command.key)}</kbd>}
          </div>
        ))}
      </div>
      <p role="status" className={shown.length === 0 ? "px-2.5 py-3 text-muted" : "sr-only"}>
        {shown.length === 0 ? w.nothing : w.count(shown.length)}
      </p>
    </Dialog>
  );
}

/** All words must be there; those that begin with the text come first. */
export function ranked(commands: readonly Command[], text: string): Command[] {
  const parts = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return [...commands];
  return commands
    .map((command) => ({ command, label: command.label.toLowerCase() }))
    .filter(({ label }) => parts.every((part) => label.includes(part)))
    .sort((a, b) => Number(b.label.startsWith(parts[0] ?? "")) - Number(a.label.startsWith(parts[0] ?? "")))
    .map(({ command }) => command);
}

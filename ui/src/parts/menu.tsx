import { Check, ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { buttonClass } from "./button";
import { usePortal } from "./portal";

const PANEL =
  "z-50 min-w-44 max-w-80 rounded-card border border-line bg-surface p-1 text-body text-text shadow-sheet max-h-[min(360px,var(--radix-dropdown-menu-content-available-height))] overflow-y-auto";
const ROW =
  "flex min-h-[28px] items-center gap-2 rounded-control px-2 py-1 outline-none select-none data-highlighted:bg-accent data-highlighted:text-on-accent data-disabled:opacity-45";

export interface Entry {
  label: string;
  onSelect(): void;
  danger?: boolean;
  disabled?: boolean;
  hint?: string;
}

/** A menu behind a button. Not modal, since a modal one would write a style sheet into the page. */
export function Menu({ trigger, entries, align = "end" }: { trigger: ReactNode; entries: (Entry | "line")[]; align?: "start" | "end" }) {
  const container = usePortal();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={container}>
        <DropdownMenu.Content align={align} sideOffset={4} collisionPadding={8} className={PANEL}>
          {entries.map((entry, at) =>
            entry === "line" ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name and never move
              <DropdownMenu.Separator key={`line-${at}`} className="my-1 h-px bg-line" />
            ) : (
              <DropdownMenu.Item
                key={entry.label}
                {...(entry.disabled && { disabled: true })}
                onSelect={entry.onSelect}
                className={`${ROW} ${entry.danger ? "text-bad" : ""}`}
              >
                <span className="min-w-0 flex-1 truncate">{entry.label}</span>
                {entry.hint && <kbd className="text-small opacity-70">{entry.hint}</kbd>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export interface Option {
  value: string;
  label: string;
  about?: string;
}

interface ChoiceWanted {
  label: string;
  value: string;
  options: readonly Option[];
  onChange(value: string): void;
  /** Shows "Server: all" instead of "all". */
  named?: boolean;
  disabled?: boolean;
  small?: boolean;
}

/** One of several. A native select box reads as empty beside a menu bar icon on macOS. */
export function Choice({ label, value, options, onChange, named, disabled, small }: ChoiceWanted) {
  const container = usePortal();
  const chosen = options.find((option) => option.value === value)?.label ?? value;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild disabled={disabled ?? false}>
        <button
          type="button"
          aria-label={named ? undefined : `${label}: ${chosen}`}
          className={`${buttonClass(small ? { small } : {})} max-w-64`}
        >
          {named && <span className="text-muted">{label}</span>}
          <span className="truncate">{chosen}</span>
          <ChevronDown aria-hidden="true" className="size-3.5 text-muted" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={container}>
        <DropdownMenu.Content align="start" sideOffset={4} collisionPadding={8} className={PANEL}>
          <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
            {options.map((option) => (
              <DropdownMenu.RadioItem key={option.value} value={option.value} className={`${ROW} pl-7`}>
                <DropdownMenu.ItemIndicator className="absolute left-3">
                  <Check aria-hidden="true" className="size-3.5" />
                </DropdownMenu.ItemIndicator>
                <span className="min-w-0">
                  {option.label}
                  {option.about && <span className="block text-small">{option.about}</span>}
                </span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

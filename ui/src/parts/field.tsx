import { Search, X } from "lucide-react";
import { type ComponentProps, type Ref, useRef } from "react";
import { useKey } from "../shell/keys";
import { words } from "../words";

const INPUT = "h-[30px] w-full min-w-0 rounded-control border border-control bg-surface px-2.5 text-body text-text aria-invalid:border-bad";

export function TextField({
  label,
  className = "",
  hint,
  ref,
  ...rest
}: ComponentProps<"input"> & { label: string; hint?: string; ref?: Ref<HTMLInputElement> }) {
  return (
    <label className={`block ${className}`}>
      <span className="mb-1 block text-muted text-small">{label}</span>
      <input ref={ref} {...rest} className={INPUT} />
      {hint && <span className="mt-1 block text-muted text-small">{hint}</span>}
    </label>
  );
}

export const inputClass = INPUT;

/** Search of the screen: / and ⌘F lead here, Escape empties it. */
export function SearchField({
  label,
  value,
  onChange,
  className = "",
}: {
  label: string;
  value: string;
  onChange(value: string): void;
  className?: string;
}) {
  const ref = useRef<HTMLInputElement>(null);
  const focus = () => {
    ref.current?.focus();
    ref.current?.select();
  };
  useKey("/", focus);
  useKey("mod+f", focus);
  return (
    <div className={`relative min-w-0 ${className}`}>
      <Search aria-hidden="true" className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" />
      <input
        ref={ref}
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        value={value}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (value) onChange("");
          else ref.current?.blur();
        }}
        className={`${INPUT} px-8`}
      />
      {value && (
        <button
          type="button"
          aria-label={words.clear}
          onClick={() => (onChange(""), ref.current?.focus())}
          className="absolute top-0.5 right-0.5 flex size-[28px] items-center justify-center rounded-control text-muted hover:text-text"
        >
          <X aria-hidden="true" className="size-3.5" />
        </button>
      )}
    </div>
  );
}

export function Checkbox({
  label,
  checked,
  onChange,
  disabled,
  hint,
}: {
  label: string;
  checked: boolean;
  onChange(on: boolean): void;
  disabled?: boolean;
  hint?: string;
}) {
  return (
    <label className="flex min-h-[28px] items-start gap-2 py-1">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-[3px] size-[15px] shrink-0 accent-accent"
      />
      <span className="min-w-0">
        {label}
        {hint && <span className="block text-muted text-small">{hint}</span>}
      </span>
    </label>
  );
}

/** A row of filters of which one holds. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange(value: T): void;
}) {
  return (
    <fieldset className="inline-flex shrink-0 gap-0.5 self-start rounded-control border border-line bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex h-6.5 min-h-[26px] items-center rounded-chip px-2.5 text-muted text-small has-checked:bg-surface has-checked:font-medium has-checked:text-text has-checked:shadow-[0_0_0_1px_var(--line)] has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            name={label}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 appearance-none opacity-0"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

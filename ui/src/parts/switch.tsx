interface Wanted {
  on: boolean;
  /** Thing and place; the state is said by the switch itself. */
  label: string;
  onChange(on: boolean): void;
  disabled?: boolean;
  tone?: "ok" | "accent";
  tabIndex?: number;
}

/** A switch that acts at once. */
export function Switch({ on, label, onChange, disabled, tone = "accent", tabIndex }: Wanted) {
  const color = on ? (tone === "ok" ? "bg-ok border-ok" : "bg-accent border-accent") : "bg-sunken border-control";
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled}
      tabIndex={tabIndex}
      onClick={(event) => {
        event.stopPropagation();
        onChange(!on);
      }}
      className="inline-flex h-[28px] w-[40px] shrink-0 items-center justify-center rounded-control disabled:opacity-45"
    >
      <span className={`relative block h-[18px] w-[32px] rounded-full border transition-colors duration-120 ${color}`}>
        <span
          className={`absolute top-[2px] left-0 size-[12px] rounded-full transition-transform duration-120 ${on ? "translate-x-[16px] bg-surface" : "translate-x-[3px] bg-control"}`}
        />
      </span>
    </button>
  );
}

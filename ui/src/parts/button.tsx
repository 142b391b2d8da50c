import { Tooltip } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { usePortal } from "./portal";

type Kind = "filled" | "plain" | "quiet" | "danger";

const KINDS: Record<Kind, string> = {
  filled: "bg-accent text-on-accent border-accent hover:brightness-110 active:brightness-95 font-medium",
  plain: "bg-surface text-text border-control hover:bg-hover",
  quiet: "bg-transparent text-accent border-transparent hover:bg-accent-tint font-medium",
  danger: "bg-surface text-bad border-bad hover:bg-bad-tint font-medium",
};

interface Look {
  kind?: Kind;
  small?: boolean;
}

export function buttonClass({ kind = "plain", small = false }: Look = {}): string {
  const room = small ? "h-[28px] px-2.5 text-small" : "h-[30px] px-3 text-body";
  return `inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-control border ${room} ${KINDS[kind]} transition-colors duration-120 aria-disabled:opacity-50 disabled:opacity-50`;
}

/** A button that does something. At most one on a screen is filled. */
export function Button({ kind, small, className = "", busy, ...rest }: ComponentProps<"button"> & Look & { busy?: boolean }) {
  const look = buttonClass({ ...(kind && { kind }), ...(small && { small }) });
  return <button type="button" {...rest} aria-busy={busy || undefined} className={`${look} ${className}`} />;
}

/** A button that shows only a sign; its name is said and shown on hover and focus. */
export function IconButton({
  label,
  children,
  className = "",
  ...rest
}: ComponentProps<"button"> & { label: string; children: ReactNode }) {
  return (
    <Hint text={label}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        className={`inline-flex size-[28px] shrink-0 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-text disabled:opacity-40 ${className}`}
      >
        {children}
      </button>
    </Hint>
  );
}

/** A short text on hover and focus. */
export function Hint({ text, children }: { text: string; children: ReactNode }) {
  const container = usePortal();
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal container={container}>
        <Tooltip.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-80 rounded-control border border-line bg-surface px-2 py-1 text-small text-text shadow-sheet"
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

import type { ReactNode } from "react";

interface Wanted {
  title: ReactNode;
  /** Stands beside the title. */
  beside?: ReactNode;
  actions?: ReactNode;
  /** A second line of the head. */
  under?: ReactNode;
  children: ReactNode;
}

/** The frame of a screen: its head stays, its content scrolls. */
export function Screen({ title, beside, actions, under, children }: Wanted) {
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="border-line border-b bg-bg px-4 pt-3 pb-2.5 wide:px-6">
        <div className="flex min-h-[30px] flex-wrap items-center gap-x-4 gap-y-2">
          <h1 className="font-semibold text-title tracking-tight">{title}</h1>
          {beside && <div className="flex min-w-0 flex-1 items-center gap-3">{beside}</div>}
          {actions && <div className="ms-auto flex items-center gap-2">{actions}</div>}
        </div>
        {under && <div className="mt-1 text-muted">{under}</div>}
      </header>
      <div className="min-h-0 flex-1">{children}</div>
    </div>
  );
}

/** Content of a screen that scrolls as a whole. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div tabIndex={0} role="region" aria-label={label} className="h-full overflow-y-auto px-4 py-4 outline-offset-[-2px] wide:px-6">
      <div className="mx-auto flex max-w-[880px] flex-col gap-4">{children}</div>
    </div>
  );
}

/** A titled box. */
export function Card({
  title,
  actions,
  children,
  flush,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className="overflow-hidden rounded-card border border-line bg-surface">
      {title && (
        <div className="flex min-h-11 flex-wrap items-center gap-3 border-line border-b px-4 py-1.5">
          <h2 className="min-w-0 flex-1 font-semibold text-heading">{title}</h2>
          {actions}
        </div>
      )}
      <div className={flush ? "" : "px-4 py-3"}>{children}</div>
    </section>
  );
}

/** A name and what it is. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[96px_1fr] gap-3 py-1.5 wide:grid-cols-[128px_1fr]">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

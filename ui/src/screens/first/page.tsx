import type { ReactNode } from "react";

/** A step: its title, its content that scrolls, and the buttons that stay. */
export function Page({ title, text, children, foot }: { title: string; text?: ReactNode; children: ReactNode; foot: ReactNode }) {
  return (
    <div className="flex h-full flex-col">
      <div
        tabIndex={0}
        role="region"
        aria-label={title}
        className="min-h-0 flex-1 overflow-y-auto px-4 pt-4 pb-6 outline-offset-[-2px] wide:px-8"
      >
        <div className="mx-auto flex max-w-[820px] flex-col gap-4">
          <div>
            <h1 className="font-semibold text-title tracking-tight">{title}</h1>
            {text && <p className="mt-1 text-muted">{text}</p>}
          </div>
          {children}
        </div>
      </div>
      <div className="border-line border-t bg-bg px-4 py-3 wide:px-8">
        <div className="mx-auto flex max-w-[820px] flex-wrap items-center justify-end gap-2">{foot}</div>
      </div>
    </div>
  );
}

import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { words } from "../words";
import { IconButton } from "./button";
import { PortalTarget } from "./portal";

interface Wanted {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** Sticks to the foot, however long the content is. */
  foot?: ReactNode;
  size?: "small" | "medium" | "large";
  alert?: boolean;
}

const WIDTH = { small: "w-[440px]", medium: "w-[600px]", large: "w-[820px]" };

/** A dialog of the browser itself: it traps and returns focus, and Escape closes it. */
export function Dialog({ title, onClose, children, foot, size = "medium", alert }: Wanted) {
  const ref = useRef<HTMLDialogElement>(null);
  const head = useId();
  const [portal, setPortal] = useState<HTMLElement | null>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    // The browser would choose the close button; a dialog that asks names its safe answer.
    (dialog?.querySelector<HTMLElement>("[data-autofocus]") ?? dialog)?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way; this is the click beside the dialog
    <dialog
      ref={ref}
      tabIndex={-1}
      aria-labelledby={head}
      role={alert ? "alertdialog" : "dialog"}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className={`sheet max-h-[calc(100vh-32px)] max-w-[calc(100vw-32px)] rounded-card border border-line bg-surface p-0 shadow-sheet outline-none ${WIDTH[size]}`}
    >
      <PortalTarget value={portal}>
        <div className="flex max-h-[calc(100vh-34px)] flex-col">
          <div className="flex items-center gap-3 border-line border-b px-4 py-2.5">
            <h2 id={head} className="min-w-0 flex-1 font-semibold text-heading">
              {title}
            </h2>
            <IconButton label={words.close} onClick={onClose}>
              <X aria-hidden="true" className="size-4" />
            </IconButton>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{children}</div>
          {foot && <div className="flex flex-wrap items-center justify-end gap-2 border-line border-t px-4 py-3">{foot}</div>}
        </div>
      </PortalTarget>
      <div ref={setPortal} />
    </dialog>
  );
}

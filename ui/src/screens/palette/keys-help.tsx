import { Dialog } from "../../parts/dialog";
import { keyLabel } from "../../shell/keys";
import { words } from "../../words";

/** The list of keys. */
export function KeysHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={words.keysHelp.title} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2">
        {words.keysHelp.list.map(([keys, what]) => (
          <div key={what} className="contents">
            <dt className="flex gap-1">
              {keys.split(" ").map((key) => (
                <kbd key={key} className="rounded-chip border border-line bg-sunken px-1.5">
                  {keyLabel(key)}
                </kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useHost } from "../../api/core";
import { pickFolder } from "../../host/desktop";
import { type Folder, readVolume, writeVolume } from "../../model/draft";
import { cleanLine } from "../../model/text";
import { Button, IconButton } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Segments, TextField } from "../../parts/field";
import { Choice } from "../../parts/menu";
import { useToasts } from "../../parts/toasts";
import { words } from "../../words";

const w = words.folders;
type Right = "ro" | "rw";

/** The folders a server may see, and the way to give or take one. */
export function Folders({ volumes, onChange }: { volumes: readonly string[]; onChange(volumes: string[]): void }) {
  const [adding, setAdding] = useState(false);
  const replace = (at: number, volume: string | undefined) =>
    onChange(volumes.flatMap((old, index) => (index === at ? (volume ? [volume] : []) : [old])));
  return (
    <div className="flex flex-col gap-1.5">
      {volumes.map((volume, at) => {
        const folder = readVolume(volume);
        const name = cleanLine(folder.source);
        return (
          <div key={volume} className="flex min-h-[30px] items-center gap-2">
            <code className="min-w-0 flex-1 break-all">{name}</code>
            <Choice
              small
              label={w.right(name)}
              value={folder.write ? "rw" : "ro"}
              options={[
                { value: "ro", label: w.read },
                { value: "rw", label: w.write },
              ]}
              onChange={(right) => replace(at, writeVolume({ ...folder, write: right === "rw" }))}
            />
            <IconButton label={w.remove(name)} onClick={() => replace(at, undefined)}>
              <X aria-hidden="true" className="size-4" />
            </IconButton>
          </div>
        );
      })}
      <div>
        <Button small onClick={() => setAdding(true)}>
          <Plus aria-hidden="true" className="size-3.5" />
          {w.add}
        </Button>
      </div>
      {adding && (
        <NewFolder
          onClose={() => setAdding(false)}
          onAdd={(folder) => {
            setAdding(false);
            onChange([...volumes, writeVolume(folder)]);
          }}
        />
      )}
    </div>
  );
}

function NewFolder({ onClose, onAdd }: { onClose(): void; onAdd(folder: Folder): void }) {
  const host = useHost();
  const { fail } = useToasts();
  const [path, setPath] = useState("");
  const [right, setRight] = useState<Right>("ro");
  const trimmed = path.trim().replace(/(?<=.)[/\\]+$/, "");
  // Inside, a Windows folder stands under /data; elsewhere at its own path, so that absolute paths keep working.
  const drive = /^([A-Za-z]):[\\/](.*)$/.exec(trimmed);
  const target = drive ? `/data/${drive[2]?.replaceAll("\\", "/")}` : trimmed;
  const good = /^(\/|[A-Za-z]:[\\/]|~)/.test(trimmed);
  const pick = async () => {
    const chosen = await pickFolder(host).catch(fail);
    if (chosen) setPath(chosen);
  };
  return (
    <Dialog
      size="small"
      title={w.add}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button kind="filled" disabled={!good} onClick={() => onAdd({ source: trimmed, target, write: right === "rw" })}>
            {w.addIt}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex items-end gap-2">
          <TextField
            label={w.path}
            hint={w.pathHint}
            value={path}
            data-autofocus
            spellCheck={false}
            className="flex-1"
            onChange={(event) => setPath(event.target.value)}
          />
          {host.desktop && (
            <Button className="mb-5" onClick={() => void pick()}>
              {w.pick}
            </Button>
          )}
        </div>
        <Segments<Right>
          label={w.rights}
          value={right}
          options={[
            { value: "ro", label: w.read },
            { value: "rw", label: w.write },
          ]}
          onChange={setRight}
        />
      </div>
    </Dialog>
  );
}

import { useEffect, useId, useState } from "react";
import { Button } from "../../parts/button";
import { inputClass } from "../../parts/field";
import { words } from "../../words";

/** A setting that is typed: saved by Enter or the button, never half-way. */
export function TextSetting({ name, about, value, onSave }: { name: string; about: string; value: string; onSave(value: string): void }) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const changed = text.trim() !== value && text.trim() !== "";
  return (
    <form
      className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 py-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) onSave(text.trim());
      }}
    >
      <label htmlFor={id} className="min-w-0 flex-1 basis-56">
        {name}
        <span className="block text-muted text-small">{about}</span>
      </label>
      <span className="flex items-center gap-2">
        <input id={id} value={text} spellCheck={false} onChange={(event) => setText(event.target.value)} className={`${inputClass} w-48`} />
        {changed && (
          <Button small type="submit">
            {words.save}
          </Button>
        )}
      </span>
    </form>
  );
}

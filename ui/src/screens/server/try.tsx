import { useId, useMemo, useState } from "react";
import { call } from "../../api/client";
import { useHost } from "../../api/core";
import { duration } from "../../model/format";
import { type FormField, fieldsOf, filled } from "../../model/schema-form";
import type { Server } from "../../model/server";
import { clean, cleanLine, shortened } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { inputClass } from "../../parts/field";
import { Choice } from "../../parts/menu";
import { sentenceOf } from "../../parts/toasts";
import { words } from "../../words";
import type { Tool } from "./tools";

const w = words.tryIt;
const MOST_SHOWN = 20_000;

interface Outcome {
  text: string;
  bad: boolean;
  took: number;
}

/** Calls the tool as a client would. What may write is asked about first. */
export function TryIt({ tool, server, asks }: { tool: Tool; server: Server; asks: boolean }) {
  const host = useHost();
  const fields = useMemo(() => fieldsOf(tool.schema), [tool.schema]);
  const [values, setValues] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState<{ field: string; text: string }>();
  const [asking, setAsking] = useState<Record<string, unknown>>();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();

  const run = async (given: Record<string, unknown>) => {
    setAsking(undefined);
    setBusy(true);
    const start = performance.now();
    try {
      const result = await call(host, "post", "/api/v1/tools/call", {
        body: { tool_name: `${server.name}:${tool.name}`, arguments: given as Record<string, never> },
      });
      setOutcome({ ...read(result), took: performance.now() - start });
    } catch (error) {
      setOutcome({ text: sentenceOf(error), bad: true, took: performance.now() - start });
    }
    setBusy(false);
  };
  const submit = () => {
    const made = filled(fields, values);
    if ("wrong" in made) return setWrong({ field: made.wrong, text: w[made.why] });
    setWrong(undefined);
    if (asks) setAsking(made.arguments);
    else void run(made.arguments);
  };
  return (
    <form
      aria-label={w.title(tool.name)}
      className="flex max-w-[680px] flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {fields.map((field) => (
        <Input
          key={field.name}
          field={field}
          value={values[field.name] ?? field.initial}
          wrong={wrong?.field === field.name ? wrong.text : undefined}
          onChange={(value) => setValues((now) => ({ ...now, [field.name]: value }))}
        />
      ))}
      <div className="flex items-center gap-3">
        <Button type="submit" disabled={busy || !server.connected} busy={busy}>
          {busy ? w.running : w.run}
        </Button>
        {!server.connected && <span className="text-muted text-small">{words.toolsTab.notReady}</span>}
      </div>
      {outcome && <Result outcome={outcome} />}
      {asking && (
        <Dialog
          alert
          size="small"
          title={w.askTitle(cleanLine(tool.name))}
          onClose={() => setAsking(undefined)}
          foot={
            <>
              <Button onClick={() => setAsking(undefined)}>{words.cancel}</Button>
              <Button kind="filled" onClick={() => void run(asking)}>
                {w.run}
              </Button>
            </>
          }
        >
          <p>{w.ask(cleanLine(server.name))}</p>
          <pre className="mt-3 max-h-48 overflow-auto rounded-control bg-sunken p-3">{clean(JSON.stringify(asking, null, 2))}</pre>
        </Dialog>
      )}
    </form>
  );
}

function Input({
  field,
  value,
  wrong,
  onChange,
}: {
  field: FormField;
  value: string;
  wrong: string | undefined;
  onChange(value: string): void;
}) {
  const id = useId();
  const label = cleanLine(field.name);
  const described = { "aria-describedby": `${id}-about`, "aria-invalid": Boolean(wrong) };
  return (
    <div>
      <label htmlFor={id} className="mb-1 flex items-baseline gap-2">
        <span className="font-medium">{label}</span>
        <span className="text-muted text-small">{field.required ? w.required : w.optional}</span>
      </label>
      {field.kind === "choice" || field.kind === "boolean" ? (
        <Choice
          label={label}
          value={value}
          onChange={onChange}
          options={[
            ...(field.required ? [] : [{ value: "", label: words.none }]),
            ...(field.kind === "boolean" ? ["true", "false"] : field.options).map((option) => ({
              value: option,
              label: cleanLine(option),
            })),
          ]}
        />
      ) : field.kind === "json" ? (
        <textarea
          id={id}
          value={value}
          rows={3}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
          {...described}
          className={`${inputClass} h-auto py-1.5 font-mono text-code`}
        />
      ) : (
        <input
          id={id}
          value={value}
          inputMode={field.kind === "text" ? "text" : "decimal"}
          onChange={(event) => onChange(event.target.value)}
          {...described}
          className={inputClass}
        />
      )}
      <p id={`${id}-about`} className={`mt-1 break-words text-small ${wrong ? "text-bad" : "text-muted"}`}>
        {wrong ?? shortened(clean(field.about), 600)}
      </p>
    </div>
  );
}

function Result({ outcome }: { outcome: Outcome }) {
  return (
    <section
      aria-label={w.result}
      role={outcome.bad ? "alert" : "status"}
      className={`rounded-control border ${outcome.bad ? "border-bad" : "border-line"}`}
    >
      <div className="flex items-center justify-between px-3 pt-1">
        <span className={`text-small ${outcome.bad ? "text-bad" : "text-muted"}`}>
          {outcome.bad ? w.failedAfter(duration(outcome.took)) : w.answeredIn(duration(outcome.took))}
        </span>
        <CopyButton text={outcome.text} label={w.copyResult} />
      </div>
      <pre tabIndex={0} className="max-h-80 overflow-auto whitespace-pre-wrap break-words px-3 pb-3">
        {shortened(outcome.text, MOST_SHOWN)}
      </pre>
    </section>
  );
}

/** Text of the answer as text; anything else named, never drawn. */
function read(result: unknown): { text: string; bad: boolean } {
  const { content, isError } = (result ?? {}) as { content?: unknown; isError?: unknown };
  if (!Array.isArray(content)) return { text: clean(JSON.stringify(result, null, 2)), bad: Boolean(isError) };
  const parts = content.map((part: { type?: unknown; text?: unknown; mimeType?: unknown }) =>
    part?.type === "text" && typeof part.text === "string"
      ? clean(part.text)
      : w.other(cleanLine(String(part?.type)), cleanLine(String(part?.mimeType ?? ""))),
  );
  return { text: parts.join("\n\n"), bad: isError === true };
}

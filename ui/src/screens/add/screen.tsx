import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useId, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { ApiError, call, type Shape } from "../../api/client";
import { useHost } from "../../api/core";
import { useDeeds } from "../../api/deeds";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { inputClass } from "../../parts/field";
import { Failed, Notice } from "../../parts/states";
import { useToasts } from "../../parts/toasts";
import { serverPath } from "../../shell/paths";
import { words } from "../../words";
import { Understood } from "./understood";

const w = words.add;
export type Parsed = Shape<"ParsedServer">;

/** What a person adds to a pasted server before it is saved. */
export interface Given {
  name: string;
  values: Record<string, string>;
  left: boolean;
}

/** One field: a command, an address or JSON. The core says what it understood; nothing is saved before Add. */
export function AddScreen() {
  const [, go] = useLocation();
  const host = useHost();
  const deeds = useDeeds();
  const { fail, say } = useToasts();
  const id = useId();
  const [text, setText] = useState("");
  const [given, setGiven] = useState<Record<string, Partial<Given>>>({});
  const [busy, setBusy] = useState(false);
  const wanted = useDeferredValue(text.trim());
  const { data, error } = useQuery({
    queryKey: ["fixed", "parse", wanted],
    queryFn: ({ signal }) => call(host, "post", "/api/v1/servers/parse", { body: { text: wanted }, signal }),
    enabled: wanted !== "",
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is another set of servers
  useEffect(() => setGiven({}), [wanted]);
  const parsed = wanted ? data : undefined;
  const chosen = useMemo(() => (parsed?.servers ?? []).filter((server) => !given[server.name]?.left), [parsed, given]);
  const ready = chosen.length > 0 && chosen.every((server) => server.problems.length === 0);
  const close = () => go("/servers");

  const add = async () => {
    setBusy(true);
    const added: string[] = [];
    for (const server of chosen) {
      const { name, body } = bodyOf(server, given[server.name]);
      try {
        await call(host, "post", "/api/v1/servers", { body: body as never });
        added.push(name);
      } catch (cause) {
        if (cause instanceof ApiError)
          fail(new ApiError(`${cleanLine(name)}: ${cause.message}`, cause.status, cause.code, cause.requestId));
        else fail(cause);
      }
    }
    await deeds.act(async () => undefined, "config", "status");
    setBusy(false);
    if (added.length < chosen.length) return;
    if (added.length === 1) go(serverPath(added[0] ?? ""));
    else {
      say(w.added(added.length));
      close();
    }
  };
  return (
    <Dialog
      title={w.title}
      onClose={close}
      foot={
        <>
          <Button onClick={close}>{words.cancel}</Button>
          <Button kind="filled" disabled={!ready || busy} busy={busy} onClick={() => void add()}>
            {w.add(chosen.length)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <label htmlFor={id} className="font-medium">
          {w.paste}
        </label>
        <textarea
          id={id}
          data-autofocus
          value={text}
          rows={text.includes("\n") ? 8 : 3}
          spellCheck={false}
          placeholder={w.example}
          onChange={(event) => setText(event.target.value)}
          className={`${inputClass} h-auto resize-y py-2 font-mono text-code`}
        />
        <div role="status" className="flex flex-col gap-3">
          {error && wanted && <Failed error={error} />}
          {parsed?.problems.map((problem) => (
            <Notice key={`${problem.code} ${problem.line} ${problem.message}`} tone="bad">
              {place(problem)}
              {cleanLine(problem.message)}
            </Notice>
          ))}
          {parsed?.servers.map((server) => (
            <Understood
              key={server.name}
              server={server}
              many={parsed.servers.length > 1}
              given={given[server.name] ?? {}}
              onGiven={(change) => setGiven((now) => ({ ...now, [server.name]: { ...now[server.name], ...change } }))}
            />
          ))}
        </div>
        {!wanted && <p className="text-muted">{w.help}</p>}
      </div>
    </Dialog>
  );
}

export function place(problem: Shape<"ParseProblem">): string {
  return problem.line == null ? "" : w.place(problem.line, problem.column ?? 1);
}

/** The entry as it is sent: the person's name and values in it, references confirmed by having been shown. */
export function bodyOf(server: Parsed, given: Partial<Given> | undefined): { name: string; body: Record<string, unknown> } {
  const entry = { ...(server.entry as Record<string, unknown>) };
  const name = given?.name?.trim() || server.name;
  const values = Object.fromEntries(Object.entries(given?.values ?? {}).filter(([, value]) => value !== ""));
  if (Object.keys(values).length > 0) entry.env = { ...(entry.env as Record<string, string> | undefined), ...values };
  return { name, body: { ...entry, name, ...(server.references.length > 0 && { confirm_references: server.references }) } };
}

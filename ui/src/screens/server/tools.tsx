import { ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { Shape } from "../../api/client";
import { useRead } from "../../api/queries";
import type { Server } from "../../model/server";
import { clean, cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { SearchField } from "../../parts/field";
import { Empty, Failed, Skeleton } from "../../parts/states";
import { serverPath } from "../../shell/paths";
import { words } from "../../words";
import { TryIt } from "./try";

const w = words.toolsTab;
export type Tool = Shape<"Tool">;

/** The tools of one server, as it describes them. */
export function ToolsTab({ server }: { server: Server }) {
  const { data, error, refetch } = useRead("tools", "/api/v1/servers/{id}/tools", { path: { id: server.name } });
  const [text, setText] = useState("");
  const [, go] = useLocation();
  const tools = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return (data?.tools ?? []).filter((tool) => !wanted || `${tool.name} ${tool.description}`.toLowerCase().includes(wanted));
  }, [data, text]);
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton text={w.loading} />;
  if (data.tools.length === 0) {
    return (
      <Empty text={server.connected ? w.none : w.notReady}>
        <Button onClick={() => go(serverPath(server.name, "logs"))}>{words.deed.logs}</Button>
      </Empty>
    );
  }
  return (
    <div className="flex h-full flex-col">
      <div className="flex items-center gap-3 border-line border-b px-4 py-2 wide:px-6">
        <SearchField label={w.search} value={text} onChange={setText} className="max-w-72 flex-1" />
        <span className="text-muted text-small">{words.tools(tools.length)}</span>
      </div>
      <ul aria-label={w.list} className="min-h-0 flex-1 overflow-y-auto">
        {tools.map((tool) => (
          <ToolRow key={tool.name} tool={tool} server={server} />
        ))}
        {tools.length === 0 && <Empty text={w.nothing} />}
      </ul>
    </div>
  );
}

function ToolRow({ tool, server }: { tool: Tool; server: Server }) {
  const [open, setOpen] = useState(false);
  const hint = hintOf(tool);
  return (
    <li className="border-line border-b">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-11 w-full items-center gap-3 px-4 py-1.5 text-start outline-offset-[-2px] hover:bg-hover wide:px-6"
      >
        <ChevronRight
          aria-hidden="true"
          className={`size-4 shrink-0 text-muted transition-transform duration-120 ${open ? "rotate-90" : ""}`}
        />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{cleanLine(tool.name)}</span>
          <span className="block truncate text-muted text-small">{cleanLine(tool.description)}</span>
        </span>
        <span className={`shrink-0 rounded-chip px-1.5 py-0.5 text-small ${hint.tone}`}>{hint.word}</span>
      </button>
      {open && (
        <div className="flex flex-col gap-4 bg-surface px-4 pt-2 pb-4 wide:ps-13 wide:pe-6">
          <p className="max-w-[680px] whitespace-pre-wrap break-words">{clean(tool.description) || w.noText}</p>
          <p className="text-muted text-small">
            {w.published} <code>{cleanLine(tool.published_name)}</code>
          </p>
          <TryIt tool={tool} server={server} asks={hint.asks} />
        </div>
      )}
    </li>
  );
}

/** What the tool says about itself; a claim, not a wall. */
function hintOf(tool: Tool): { word: string; tone: string; asks: boolean } {
  const hints = (tool.annotations ?? {}) as { readOnlyHint?: unknown; destructiveHint?: unknown };
  if (hints.readOnlyHint === true) return { word: w.reads, tone: "bg-sunken text-muted", asks: false };
  if (hints.destructiveHint === true) return { word: w.destroys, tone: "bg-bad-tint text-bad", asks: true };
  if (hints.readOnlyHint === false) return { word: w.writes, tone: "bg-warn-tint text-warn", asks: true };
  return { word: w.unsaid, tone: "bg-sunken text-muted", asks: true };
}

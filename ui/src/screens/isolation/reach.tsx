import { Box, Cpu, Folder, Globe, KeyRound, TriangleAlert, User } from "lucide-react";
import type { ComponentType } from "react";
import type { Shape } from "../../api/client";
import { clean } from "../../model/text";
import { words } from "../../words";

export type Line = Shape<"ExplanationLine">;
type Icon = ComponentType<{ className?: string; "aria-hidden"?: "true" }>;

export const KINDS: Record<string, { icon: Icon; name: string }> = {
  files: { icon: Folder, name: words.isolation.files },
  network: { icon: Globe, name: words.isolation.network },
  secrets: { icon: KeyRound, name: words.isolation.secrets },
  limits: { icon: Cpu, name: words.isolation.limits },
  identity: { icon: User, name: words.isolation.identity },
  image: { icon: Box, name: words.isolation.image },
  relaxed: { icon: TriangleAlert, name: words.isolation.relaxed },
  warning: { icon: TriangleAlert, name: words.isolation.warning },
};

/** One sentence about what a server can reach, with the sign of its kind. */
export function ReachLine({ line }: { line: Line }) {
  const kind = KINDS[line.kind] ?? KINDS.warning;
  const Sign = kind?.icon ?? TriangleAlert;
  const loud = line.kind === "relaxed" || line.kind === "warning";
  return (
    <li className={`flex items-start gap-2.5 ${loud ? "text-warn" : ""}`}>
      <Sign aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${loud ? "" : "text-muted"}`} />
      <span className="sr-only">{kind?.name}: </span>
      <span className="min-w-0 break-words">{clean(line.text)}</span>
    </li>
  );
}

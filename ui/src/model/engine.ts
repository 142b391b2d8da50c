/** What a state of the container engine looks like. */

import type { Shape } from "../api/client";
import { words } from "../words";
import type { Mark, Tone } from "./server";

export type Engine = Shape<"DockerStatus">;

interface Look {
  mark: Mark;
  tone: Tone;
  word: string;
}

const LOOKS: Record<string, [Mark, Tone]> = {
  engine_checking: ["working", "busy"],
  engine_ready: ["ready", "ok"],
  engine_ready_limited: ["held", "warn"],
  engine_ready_remote: ["ready", "ok"],
  engine_not_running: ["waiting", "warn"],
  engine_starting: ["working", "busy"],
};

export function engineLook(engine: Engine | undefined): Look {
  if (!engine) return { mark: "working", tone: "busy", word: words.engine.word.engine_checking ?? "" };
  const [mark, tone] = LOOKS[engine.state] ?? (engine.available ? ["ready", "ok"] : ["broken", "bad"]);
  return { mark, tone, word: words.engine.word[engine.state] ?? (engine.available ? words.engine.ready : words.engine.notReady) };
}

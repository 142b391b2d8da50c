import { memory, percent } from "../../model/format";
import { look, type Server } from "../../model/server";
import { midSentence } from "../../model/text";
import { Sparkline } from "../../parts/progress";
import { words } from "../../words";
import { useSamples } from "./figures-feed";

/** CPU and memory of a server, or the word of its state while there are none. */
export function Figures({ server, paused }: { server: Server; paused: boolean }) {
  const samples = useSamples().get(server.name);
  const { word, mark } = look(server, paused);
  const used = samples?.now.memory_bytes ?? undefined;
  if (!samples || used === undefined || !server.connected) {
    return <span className="truncate text-small">{mark === "ready" || mark === "open" ? words.none : midSentence(word)}</span>;
  }
  const cpu = samples.now.cpu_percent;
  const label = words.serversScreen.figuresSpoken(cpu == null ? words.none : percent(cpu), memory(used));
  return <Sparkline cpu={samples.cpu} memoryBytes={used} label={label} />;
}

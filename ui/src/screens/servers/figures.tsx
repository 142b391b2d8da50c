import { look, type Server } from "../../model/server";
import { words } from "../../words";

/** CPU and memory of a server, or the word of its state while there are none. */
export function Figures({ server, paused }: { server: Server; paused: boolean }) {
  const { word, mark } = look(server, paused);
  return <span className="truncate text-small">{mark === "ready" ? words.none : word.toLowerCase()}</span>;
}

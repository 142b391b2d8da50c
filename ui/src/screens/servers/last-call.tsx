import { words } from "../../words";

/** When a tool of the server was last called. */
export function LastCall(_: { server: string }) {
  return <span>{words.none}</span>;
}

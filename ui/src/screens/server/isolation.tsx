import type { Server } from "../../model/server";
export function IsolationTab(_: { server: Server }) {
  return null;
}

import { words } from "../../words";

interface Starter {
  name: string;
  command: string;
  args: string[];
  about: string;
}

/** Servers that everybody can try at once: no account, no key. */
export const STARTERS: readonly Starter[] = [
  { name: "time", command: "uvx", args: ["mcp-server-time"], about: words.first.starterTime },
  { name: "memory", command: "npx", args: ["-y", "@modelcontextprotocol/server-memory"], about: words.first.starterMemory },
  { name: "fetch", command: "uvx", args: ["mcp-server-fetch"], about: words.first.starterFetch },
];

/** What a client's state looks like, and the one step it proposes. */

import type { Shape } from "../api/client";
import { words } from "../words";
import type { Mark, Tone } from "./server";

export type Client = Shape<"Client">;
export type ClientDeed = "connect" | "correct" | "again" | "undo" | "look" | "disconnect";

interface Look {
  mark: Mark;
  tone: Tone;
  deed?: ClientDeed;
}

export function clientLook(client: Client): Look {
  switch (client.state) {
    case "connected":
      return { mark: "ready", tone: "ok" };
    case "waiting":
      return { mark: "waiting", tone: "warn" };
    case "elsewhere":
      return { mark: "held", tone: "warn", deed: "correct" };
    case "removed":
      return { mark: "held", tone: "warn", deed: "again" };
    case "trouble":
      return client.problem === "client_needs_consent" ? { mark: "waiting", tone: "warn", deed: "look" } : { mark: "broken", tone: "bad" };
    default:
      return { mark: "off", tone: "off", deed: "connect" };
  }
}

export const deedLabel: Record<ClientDeed, string> = {
  connect: words.clients.connect,
  correct: words.clients.correct,
  again: words.clients.again,
  undo: words.undo,
  look: words.clients.look,
  disconnect: words.clients.disconnect,
};

/** Whether our entry stands in its file. */
export const isConnected = (client: Client) => client.state === "connected" || client.state === "waiting" || client.state === "elsewhere";
export const isHere = (client: Client) => client.state !== "absent";

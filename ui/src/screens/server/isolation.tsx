import type { Server } from "../../model/server";
import { Scroll } from "../../parts/screen";
import { words } from "../../words";
import { IsolationPanel } from "../isolation/panel";

export function IsolationTab({ server }: { server: Server }) {
  return (
    <Scroll label={words.server.isolation}>
      <IsolationPanel server={server} />
    </Scroll>
  );
}

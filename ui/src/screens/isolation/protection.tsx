import { protection, type Server } from "../../model/server";
import { Hint } from "../../parts/button";
import { Shield } from "../../parts/mark";
import { Switch } from "../../parts/switch";
import { words } from "../../words";
import { useIsolation } from "./leave";

/** The shield of a server and the switch that turns it. */
export function Protection({ server, tabIndex }: { server: Server; tabIndex?: number }) {
  const isolation = useIsolation();
  const on = server.placement === "container";
  const word = protection(server);
  if (server.placement !== "container" && server.placement !== "host") {
    return (
      <span className="flex items-center gap-1.5 text-muted text-small">
        <Shield kind={server.placement === "own_container" ? "half" : "none"} className="text-off" />
        {word}
      </span>
    );
  }
  return (
    <span className="flex items-center gap-1">
      <Shield kind={on ? "closed" : "open"} className={on ? (server.connected ? "text-ok" : "text-off") : "text-warn"} />
      <Hint text={word}>
        <span>
          <Switch
            on={on}
            tone="ok"
            label={words.protection.label(server.name)}
            onChange={() => isolation.toggle(server)}
            {...(tabIndex !== undefined && { tabIndex })}
          />
        </span>
      </Hint>
    </span>
  );
}

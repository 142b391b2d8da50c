import { useState } from "react";
import { useServers } from "../../api/queries";
import { cleanLine } from "../../model/text";
import { Choice } from "../../parts/menu";
import { Screen } from "../../parts/screen";
import { words } from "../../words";
import { LogView } from "./view";

const w = words.logs;

/** The program's own log, and each server's. */
export function LogsScreen() {
  const servers = useServers().data?.servers ?? [];
  const [source, setSource] = useState("main");
  return (
    <Screen title={w.title}>
      <LogView source={source} showServer={source === "main"}>
        <Choice
          label={w.source}
          value={source}
          onChange={setSource}
          options={[
            { value: "main", label: w.main },
            ...servers.map((server) => ({ value: `server:${server.name}`, label: cleanLine(server.name) })),
          ]}
        />
      </LogView>
    </Screen>
  );
}

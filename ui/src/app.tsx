import { QueryClientProvider } from "@tanstack/react-query";
import { Tooltip } from "radix-ui";
import { useState } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { CoreProvider } from "./api/core";
import { newQueryClient } from "./api/queries";
import type { Host } from "./host/host";
import { ToastProvider } from "./parts/toasts";
import { IsolationProvider } from "./screens/isolation/leave";
import { LogsScreen } from "./screens/logs/screen";
import { ServerScreen } from "./screens/server/screen";
import { ServersScreen } from "./screens/servers/screen";
import { Frame } from "./shell/frame";
import { KeyProvider } from "./shell/keys";
import { Live } from "./shell/live";

export function App({ host }: { host: Host }) {
  const [client] = useState(newQueryClient);
  return (
    <CoreProvider host={host}>
      <QueryClientProvider client={client}>
        <Router hook={useHashLocation}>
          <KeyProvider>
            <Tooltip.Provider delayDuration={500}>
              <ToastProvider>
                <Live>
                  <IsolationProvider>
                    <Frame>
                      <Screens />
                    </Frame>
                  </IsolationProvider>
                </Live>
              </ToastProvider>
            </Tooltip.Provider>
          </KeyProvider>
        </Router>
      </QueryClientProvider>
    </CoreProvider>
  );
}

function Screens() {
  return (
    <Switch>
      <Route path="/servers" component={ServersScreen} />
      <Route path="/servers/:name/:tab?" component={ServerScreen} />
      <Route path="/logs" component={LogsScreen} />
      <Redirect to="/servers" replace />
    </Switch>
  );
}

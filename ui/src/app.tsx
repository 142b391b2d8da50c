import { QueryClientProvider } from "@tanstack/react-query";
import { Tooltip } from "radix-ui";
import { useState } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { CoreProvider } from "./api/core";
import { newQueryClient, useServers } from "./api/queries";
import type { Host } from "./host/host";
import { ToastProvider } from "./parts/toasts";
import { ActivityScreen } from "./screens/activity/screen";
import { AddScreen } from "./screens/add/screen";
import { ClientsScreen } from "./screens/clients/screen";
import { FirstRun } from "./screens/first/screen";
import { IsolationProvider } from "./screens/isolation/leave";
import { LogsScreen } from "./screens/logs/screen";
import { SecurityScreen } from "./screens/security/screen";
import { ServerScreen } from "./screens/server/screen";
import { ServersScreen } from "./screens/servers/screen";
import { SettingsScreen } from "./screens/settings/screen";
import { Frame } from "./shell/frame";
import { Gate } from "./shell/gate";
import { KeyProvider } from "./shell/keys";
import { Live } from "./shell/live";
import { useRemembered } from "./shell/remembered";

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
                    <Gate>
                      <Screens />
                    </Gate>
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
      <Route path="/welcome" component={FirstRun} />
      <Route>
        <Frame>
          <Switch>
            <Route path="/servers" component={ServersScreen} />
            <Route path="/servers/:name/:tab?" component={ServerScreen} />
            <Route path="/add">
              <ServersScreen />
              <AddScreen />
            </Route>
            <Route path="/security" component={SecurityScreen} />
            <Route path="/activity" component={ActivityScreen} />
            <Route path="/clients" component={ClientsScreen} />
            <Route path="/settings" component={SettingsScreen} />
            <Route path="/logs" component={LogsScreen} />
            <Route path="/" component={Start} />
            <Redirect to="/servers" replace />
          </Switch>
        </Frame>
      </Route>
    </Switch>
  );
}

/** Nothing configured and never been here: the first run. Otherwise the servers. */
function Start() {
  const [seen] = useRemembered<"yes" | "no">("welcome-seen", "no");
  const { data, error } = useServers();
  if (!data && !error) return null;
  return <Redirect to={data?.servers.length === 0 && seen === "no" ? "/welcome" : "/servers"} replace />;
}

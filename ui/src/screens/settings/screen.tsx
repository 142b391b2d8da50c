import { type ReactNode, useMemo } from "react";
import { call } from "../../api/client";
import { useHost } from "../../api/core";
import { useDeeds } from "../../api/deeds";
import { useRead, useStatus } from "../../api/queries";
import { useDesktop } from "../../host/desktop";
import { limit } from "../../model/format";
import { cleanLine } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Checkbox } from "../../parts/field";
import { Choice, type Option } from "../../parts/menu";
import { Card, Screen, Scroll } from "../../parts/screen";
import { Failed, Notice, Skeleton } from "../../parts/states";
import { useToasts } from "../../parts/toasts";
import { useRemembered } from "../../shell/remembered";
import { applyTheme, type Theme } from "../../shell/theme";
import { words } from "../../words";
import { TextSetting } from "./text-setting";

const w = words.settings;

type Config = Record<string, unknown>;

/** What holds for all servers and for the window; each change applies at once or says what it needs. */
export function SettingsScreen() {
  const { data, error, refetch } = useRead("config", "/api/v1/config");
  const problem = useStatus().data?.config_error;
  return (
    <Screen title={w.title}>
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton />
      ) : (
        <Scroll label={w.title}>
          {problem && <Notice tone="bad">{cleanLine(problem)}</Notice>}
          <General />
          <Servers config={data.config as Config} />
          <Clients config={data.config as Config} />
          <LogsAndHistory config={data.config as Config} />
          <Privacy config={data.config as Config} />
          <File path={data.config_path} config={data.config as Config} />
        </Scroll>
      )}
    </Screen>
  );
}

/** The value at `a.b` of the configuration. */
export function at(config: Config, key: string): unknown {
  return key.split(".").reduce<unknown>((value, part) => (value as Config | undefined)?.[part], config);
}

function useSet() {
  const host = useHost();
  const deeds = useDeeds();
  const { say } = useToasts();
  return async (key: string, value: unknown) => {
    const patch = key.split(".").reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
    const outcome = await deeds.act(
      () => call(host, "patch", "/api/v1/config", { body: patch as never }),
      "config",
      "status",
      "engine",
      "security",
    );
    if (!outcome) return;
    if (outcome.needs_restart.length > 0) say(w.nextStart, { seconds: 8 });
    else if (outcome.restarted.length > 0) say(w.restarted(outcome.restarted.length));
  };
}

function Setting({ name, about, children }: { name: string; about?: string; children: ReactNode }) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 py-1.5">
      <div className="min-w-0 flex-1 basis-56">
        <p>{name}</p>
        {about && <p className="text-muted text-small">{about}</p>}
      </div>
      {children}
    </div>
  );
}

function General() {
  const [theme, setTheme] = useRemembered<Theme>("theme", "system");
  const [density, setDensity] = useRemembered<"normal" | "dense">("density", "normal");
  const [letters, setLetters] = useRemembered<"on" | "off">("letters", "on");
  const desktop = useDesktop();
  const { fail } = useToasts();
  const autostart = desktop.state?.autostart;
  return (
    <Card title={w.general}>
      <div className="divide-y divide-line">
        {autostart && (
          <Setting
            name={w.autostart}
            {...(autostart.state !== "on" &&
              autostart.state !== "off" && { about: autostart.detail ?? w.autostartStates[autostart.state] ?? "" })}
          >
            <Checkbox
              label={w.autostart}
              checked={autostart.state === "on"}
              disabled={autostart.state === "unsupported"}
              onChange={(on) => void desktop.setAutostart(on).catch(fail)}
            />
          </Setting>
        )}
        <Setting name={w.theme}>
          <Choice
            label={w.theme}
            value={theme}
            options={w.themes}
            onChange={(value) => {
              setTheme(value as Theme);
              applyTheme(value as Theme);
            }}
          />
        </Setting>
        <Setting name={w.density}>
          <Choice label={w.density} value={density} options={w.densities} onChange={(value) => setDensity(value as "normal")} />
        </Setting>
        <Setting name={w.letters} about={w.lettersAbout}>
          <Choice label={w.letters} value={letters} options={w.onOff} onChange={(value) => setLetters(value as "on")} />
        </Setting>
      </div>
    </Card>
  );
}

function Pick({
  config,
  setting,
  name,
  about,
  options,
  fallback,
}: {
  config: Config;
  setting: string;
  name: string;
  about?: string;
  options: readonly Option[];
  fallback: string;
}) {
  const set = useSet();
  const value = String(at(config, setting) ?? fallback);
  const all = options.some((option) => option.value === value) ? options : [...options, { value, label: value }];
  return (
    <Setting name={name} {...(about && { about })}>
      <Choice label={name} value={value} options={all} onChange={(next) => void set(setting, next)} />
    </Setting>
  );
}

function Servers({ config }: { config: Config }) {
  const set = useSet();
  const memory = useMemo(() => ["256m", "512m", "1g", "2g", "4g"].map((value) => ({ value, label: limit(value) })), []);
  const cpu = useMemo(() => ["0.5", "1.0", "2.0", "4.0"].map((value) => ({ value, label: words.isolation.cpus(value) })), []);
  return (
    <Card title={w.servers}>
      <div className="divide-y divide-line">
        <Pick
          config={config}
          setting="docker_isolation.memory_limit"
          name={w.memory}
          about={w.unlessOwn}
          options={memory}
          fallback="512m"
        />
        <Pick config={config} setting="docker_isolation.cpu_limit" name={w.cpu} about={w.unlessOwn} options={cpu} fallback="1.0" />
        <Pick
          config={config}
          setting="docker_isolation.network_mode"
          name={w.network}
          about={w.unlessOwn}
          options={w.networks}
          fallback="bridge"
        />
        <TextSetting
          name={w.registry}
          about={w.registryAbout}
          value={String(at(config, "docker_isolation.registry") ?? "docker.io")}
          onSave={(value) => void set("docker_isolation.registry", value)}
        />
      </div>
    </Card>
  );
}

function Clients({ config }: { config: Config }) {
  const set = useSet();
  return (
    <Card title={w.clients}>
      <div className="divide-y divide-line">
        <Pick config={config} setting="routing_mode" name={w.routing} options={w.routings} fallback="auto" />
        <TextSetting
          name={w.listen}
          about={w.listenAbout}
          value={String(at(config, "listen") ?? "127.0.0.1:8080")}
          onSave={(value) => void set("listen", value)}
        />
      </div>
    </Card>
  );
}

function LogsAndHistory({ config }: { config: Config }) {
  const set = useSet();
  return (
    <Card title={w.logs}>
      <div className="divide-y divide-line">
        <Pick config={config} setting="logging.level" name={w.level} options={w.levels} fallback="info" />
        <Setting name={w.retention} about={w.retentionAbout}>
          <Choice
            label={w.retention}
            value={String(at(config, "activity_retention_days") ?? 90)}
            options={[7, 30, 90, 365].map((days) => ({ value: String(days), label: w.days(days) }))}
            onChange={(days) => void set("activity_retention_days", Number(days))}
          />
        </Setting>
      </div>
    </Card>
  );
}

function Privacy({ config }: { config: Config }) {
  const set = useSet();
  const { data } = useRead("config", "/api/v1/telemetry");
  const on = at(config, "telemetry.enabled") === true;
  return (
    <Card title={w.privacy}>
      <Checkbox label={w.telemetry} hint={w.telemetryAbout} checked={on} onChange={(next) => void set("telemetry.enabled", next)} />
      {data && (
        <details className="mt-1">
          <summary className="min-h-[28px] py-1 text-accent">{w.telemetryShow}</summary>
          <pre className="mt-1 overflow-x-auto rounded-control bg-sunken p-3">{JSON.stringify(data.payload, null, 2)}</pre>
        </details>
      )}
    </Card>
  );
}

function File({ path, config }: { path: string; config: Config }) {
  const desktop = useDesktop();
  const { fail } = useToasts();
  return (
    <Card title={w.file}>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 break-all">{cleanLine(path)}</code>
        <CopyButton text={path} label={w.copyPath} />
        {desktop.state && (
          <>
            <Button small onClick={() => void desktop.open("config").catch(fail)}>
              {w.openFile}
            </Button>
            <Button small onClick={() => void desktop.open("logs").catch(fail)}>
              {w.openLogs}
            </Button>
          </>
        )}
        <Button small onClick={() => save(config)}>
          {w.export}
        </Button>
      </div>
      <p className="mt-2 text-muted text-small">{w.fileAbout}</p>
    </Card>
  );
}

/** The configuration without its secrets, as a file. */
function save(config: Config): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(config, null, 2)], { type: "application/json" }));
  link.download = "mcp_config.masked.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

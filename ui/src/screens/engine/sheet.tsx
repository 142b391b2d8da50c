import { useState } from "react";
import { useDeeds } from "../../api/deeds";
import { useEngine } from "../../api/queries";
import { type Engine, engineLook } from "../../model/engine";
import { fullTime, timeOfDay } from "../../model/format";
import { clean } from "../../model/text";
import { Button } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { StateMark } from "../../parts/mark";
import { Fact } from "../../parts/screen";
import { Failed, Skeleton } from "../../parts/states";
import { words } from "../../words";

const w = words.engine;

/** The Docker panel: what was found, where it was looked for, and what mends it. */
export function EngineSheet({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={w.title} onClose={onClose} foot={<CheckAgain />}>
      <EnginePanel />
    </Dialog>
  );
}

export function CheckAgain({ small }: { small?: boolean }) {
  const { checkEngine } = useDeeds();
  const [busy, setBusy] = useState(false);
  return (
    <Button
      {...(small && { small })}
      busy={busy}
      disabled={busy}
      onClick={async () => {
        setBusy(true);
        await checkEngine();
        setBusy(false);
      }}
    >
      {busy ? w.checking : w.check}
    </Button>
  );
}

export function EnginePanel() {
  const { data: engine, error, refetch } = useEngine();
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!engine) return <Skeleton rows={3} />;
  const look = engineLook(engine);
  return (
    <div className="flex flex-col gap-3">
      <div role="status" className="flex items-start gap-2.5">
        <StateMark mark={look.mark} tone={look.tone} className="mt-0.5" />
        <p className="min-w-0 break-words font-medium">{clean(engine.summary)}</p>
      </div>
      <Mend engine={engine} />
      <dl className="divide-y divide-line border-line border-y">
        {engine.endpoint && (
          <Fact name={w.used}>
            <code>{clean(engine.endpoint)}</code>
            {engine.source && <span className="block text-muted text-small">{clean(engine.source)}</span>}
          </Fact>
        )}
        {engine.api_version && <Fact name={w.api}>{clean(engine.api_version)}</Fact>}
        <Fact name={w.command}>{engine.docker_path ? <code>{clean(engine.docker_path)}</code> : w.noCommand}</Fact>
        {engine.last_successful_at && (
          <Fact name={w.answered}>
            <time dateTime={engine.last_successful_at} title={fullTime(engine.last_successful_at)}>
              {timeOfDay(engine.last_successful_at)}
            </time>
          </Fact>
        )}
      </dl>
      <LookedAt engine={engine} />
    </div>
  );
}

/** What the person does about it, where words alone do not say it. */
function Mend({ engine }: { engine: Engine }) {
  const steps = w.mend[engine.state];
  if (engine.available || !steps) return null;
  return (
    <div className="rounded-control bg-sunken px-3 py-2">
      <p>{steps.text}</p>
      {steps.command && (
        <div className="mt-1 flex items-center gap-2">
          <code className="min-w-0 flex-1 break-all">{steps.command}</code>
          <CopyButton text={steps.command} label={w.copyCommand} />
        </div>
      )}
      {steps.grants && <p className="mt-1 text-muted text-small">{steps.grants}</p>}
    </div>
  );
}

function LookedAt({ engine }: { engine: Engine }) {
  const tried = engine.tried ?? [];
  if (tried.length === 0) return null;
  const text = tried.map((place) => `${place.endpoint}: ${place.result} (${place.source})`).join("\n");
  return (
    <section aria-label={w.lookedAt}>
      <div className="flex items-center justify-between">
        <h3 className="font-medium text-muted text-small">{w.lookedAt}</h3>
        <CopyButton text={text} label={w.copyTried} />
      </div>
      <ul className="flex flex-col gap-1 rounded-control bg-sunken px-3 py-2">
        {tried.map((place) => (
          <li key={`${place.source} ${place.endpoint}`} className="break-words">
            <code>{clean(place.endpoint)}</code>
            <span className="text-muted">: {clean(place.result)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { useState } from "react";
import { useLocation } from "wouter";
import { Shield } from "../../parts/mark";
import { useRemembered } from "../../shell/remembered";
import { words } from "../../words";
import { Done } from "./done";
import { Found } from "./found";
import { Prepare } from "./prepare";

const w = words.first;
type Step = "found" | "prepare" | "done";
const STEPS: readonly Step[] = ["found", "prepare", "done"];

/** The first run: what was found, what becomes of it, and what the clients do next. It comes back until it is done. */
export function FirstRun() {
  const [, go] = useLocation();
  const [, setSeen] = useRemembered<"yes" | "no">("welcome-seen", "no");
  const [step, setStep] = useState<Step>("found");
  const [names, setNames] = useState<readonly string[]>([]);
  const leave = () => {
    setSeen("yes");
    go("/servers");
  };
  return (
    <div className="flex h-full flex-col">
      <header className="flex items-center gap-2.5 px-4 pt-4 wide:px-8">
        <Shield kind="closed" className="size-6 text-accent" />
        <span className="font-semibold text-heading">{words.product}</span>
        <span className="ms-auto text-muted">{w.step(STEPS.indexOf(step) + 1, STEPS.length)}</span>
      </header>
      <main className="min-h-0 flex-1">
        {step === "found" && (
          <Found
            onLeave={leave}
            onTaken={(taken) => {
              setNames(taken);
              setStep("prepare");
            }}
          />
        )}
        {step === "prepare" && <Prepare names={names} onBack={() => setStep("found")} onDone={() => setStep("done")} />}
        {step === "done" && <Done onLeave={leave} />}
      </main>
    </div>
  );
}

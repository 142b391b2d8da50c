import { useCallback, useState } from "react";
import { Link, useLocation } from "wouter";
import { useEngine, useServers, useStatus } from "../api/queries";
import { engineLook } from "../model/engine";
import { midSentence } from "../model/text";
import { CopyButton } from "../parts/copy";
import { Shield, StateMark } from "../parts/mark";
import { EngineSheet } from "../screens/engine/sheet";
import { words } from "../words";
import { useKey } from "./keys";
import { SECTIONS, type Section } from "./nav";

export function Sidebar() {
  const [location, go] = useLocation();
  const servers = useServers().data?.servers.length;
  return (
    <header className="flex w-14 shrink-0 flex-col border-line border-e bg-sunken wide:w-[200px]">
      <div className="flex h-14 items-center gap-2 px-4">
        <Shield kind="closed" className="size-6 text-accent" />
        <span className="hidden font-semibold text-heading wide:inline">{words.product}</span>
      </div>
      <nav aria-label={words.nav.label} className="flex flex-1 flex-col gap-0.5 px-2">
        {SECTIONS.map((section) => (
          <Item
            key={section.path}
            section={section}
            here={location.startsWith(section.path)}
            go={go}
            {...(section.key === 1 && servers !== undefined && { count: servers })}
          />
        ))}
      </nav>
      <Foot />
    </header>
  );
}

function Item({ section, here, go, count }: { section: Section; here: boolean; go(path: string): void; count?: number }) {
  useKey(`mod+${section.key}`, () => go(section.path));
  const Icon = section.icon;
  return (
    <Link
      href={section.path}
      aria-current={here ? "page" : undefined}
      className={`relative flex h-9 items-center justify-center gap-2.5 rounded-control px-2.5 wide:justify-start ${here ? "bg-surface font-medium text-text shadow-[0_0_0_1px_var(--line)]" : "text-muted hover:bg-hover hover:text-text"}`}
    >
      <Icon aria-hidden="true" className={`size-4.5 shrink-0 ${here ? "text-accent" : ""}`} />
      <span className="sr-only flex-1 wide:not-sr-only">{section.label}</span>
      {/* A tooltip names the bare icon; beside its label it would only cover the entry below. */}
      <span aria-hidden="true" title={section.label} className="absolute inset-0 wide:hidden" />
      {count !== undefined && (
        <span aria-hidden="true" className="hidden text-muted text-small wide:inline">
          {count}
        </span>
      )}
    </Link>
  );
}

function Foot() {
  const engine = useEngine().data;
  const status = useStatus().data;
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const look = engineLook(engine);
  return (
    <div className="flex flex-col gap-1 px-2 pb-3">
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-label={words.foot.docker(look.word)}
        aria-haspopup="dialog"
        className="flex min-h-9 items-center justify-center gap-2 rounded-control px-2.5 text-start hover:bg-hover wide:justify-start"
      >
        <StateMark mark={look.mark} tone={look.tone} />
        <span className="hidden min-w-0 wide:block">
          <span className="block truncate text-small">
            {words.foot.dockerName} <span className="text-muted">{midSentence(look.word)}</span>
          </span>
        </span>
      </button>
      {status && (
        <div className="hidden items-center gap-1 ps-2.5 wide:flex">
          <code className="min-w-0 flex-1 truncate text-muted">{status.listen_addr}</code>
          <CopyButton text={`http://${status.listen_addr}/mcp`} label={words.foot.copyEndpoint} />
        </div>
      )}
      {open && <EngineSheet onClose={close} />}
    </div>
  );
}

import { useState } from "react";
import { useLocation } from "wouter";
import { useDeeds } from "../api/deeds";
import { KeysHelp } from "../screens/palette/keys-help";
import { Palette } from "../screens/palette/palette";
import { usePaused } from "../screens/servers/screen";
import { useKey } from "./keys";

/** Keys that work on every screen, and the dialogs they open. */
export function Everywhere() {
  const [, go] = useLocation();
  const [open, setOpen] = useState<"palette" | "keys">();
  const deeds = useDeeds();
  const paused = usePaused();
  useKey("mod+k", () => setOpen((now) => (now === "palette" ? undefined : "palette")));
  useKey("?", () => setOpen("keys"));
  useKey("mod+n", () => go("/add"));
  useKey("mod+,", () => go("/settings"));
  useKey("mod+.", () => void (paused ? deeds.resume() : deeds.pause()));
  const close = () => setOpen(undefined);
  if (open === "palette") return <Palette onClose={close} />;
  if (open === "keys") return <KeysHelp onClose={close} />;
  return null;
}

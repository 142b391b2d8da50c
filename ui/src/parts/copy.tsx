import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { words } from "../words";
import { IconButton } from "./button";
import { useToasts } from "./toasts";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const { fail } = useToasts();
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(() => setDone(true), fail);
  };
  return (
    <IconButton label={done ? words.copied : label} onClick={copy}>
      {done ? <Check aria-hidden="true" className="size-4 text-ok" /> : <Copy aria-hidden="true" className="size-4" />}
    </IconButton>
  );
}

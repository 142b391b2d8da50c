/** Numbers, sizes and times as people read them. */

const number = new Intl.NumberFormat("en");
const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const count = (value: number) => number.format(value);

/** Bytes in decimal units: 88 MB, 1.2 GB. */
export function size(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 2 ? one.format(value) : number.format(Math.round(value))} ${units[unit]}`;
}

/** Memory in the binary units that its limits are written in: 512 MB, 1 GB. */
export function memory(bytes: number): string {
  const mega = bytes / (1 << 20);
  return mega >= 1024 ? `${one.format(mega / 1024)} GB` : `${number.format(Math.round(mega))} MB`;
}

/** A limit as it is written in a configuration: 512m → 512 MB. */
export function limit(text: string): string {
  const parts = /^(\d+(?:\.\d+)?)\s*([kmgt])?i?b?$/i.exec(text.trim());
  if (!parts) return text;
  return `${parts[1]} ${{ k: "KB", m: "MB", g: "GB", t: "TB" }[(parts[2] ?? "").toLowerCase()] ?? "B"}`;
}

export function percent(value: number): string {
  return `${value < 10 ? one.format(value) : number.format(Math.round(value))} %`;
}

/** 11 ms, 2.1 s, 3 min. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${one.format(ms / 1000)} s`;
  return `${number.format(Math.round(ms / 60_000))} min`;
}

/** "2 min", "3 h", then the day. */
export function ago(at: string | number, now: number): string {
  const then = typeof at === "number" ? at : Date.parse(at);
  if (Number.isNaN(then)) return "—";
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return day.format(then);
}

/** Minutes or hours until a moment, never less than one minute. */
export function left(at: string, now: number): string {
  const minutes = Math.max(1, Math.ceil((Date.parse(at) - now) / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

const valid = (at: string) => !Number.isNaN(Date.parse(at));
export const timeOfDay = (at: string) => (valid(at) ? clock.format(new Date(at)) : "—");
export const timeWithSeconds = (at: string) => (valid(at) ? clockSeconds.format(new Date(at)) : "—");
export const fullTime = (at: string) => (valid(at) ? full.format(new Date(at)) : "");

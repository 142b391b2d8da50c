/** The lines of a log that are at hand, oldest first; pages come in at both ends. */

import type { Shape } from "../api/client";
import { cleanLine } from "./text";

export type LogRow = Shape<"LogRow">;
type Page = Shape<"LogLines">;

export interface Line {
  /** Grows downward and never changes, so a row keeps its place in the list. */
  id: number;
  at: string | undefined;
  level: Level;
  server: string | undefined;
  text: string;
}

export type Level = "debug" | "info" | "warn" | "error";
export const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

/** More than this and the oldest go. */
export const MOST_LINES = 200_000;

export class LogBuffer {
  lines: Line[] = [];
  /** Grows with each change. */
  version = 0;
  private first = 0;
  private begin: { file: string; offset: number } | undefined;
  private end: { file: string; offset: number } | undefined;

  /** Where reading on begins: after the newest line. */
  get newest() {
    return this.end;
  }

  /** Where reading back begins; nothing at the top of the file. */
  get oldest() {
    return this.begin && this.begin.offset > 0 ? this.begin : undefined;
  }

  append(page: Page): void {
    this.begin ??= { file: page.file, offset: page.start };
    this.end = { file: page.file, offset: page.next };
    if (page.lines.length === 0) return;
    const from = this.first + this.lines.length;
    for (const [at, row] of page.lines.entries()) this.lines.push(line(row, from + at));
    const over = this.lines.length - MOST_LINES;
    if (over > 0) {
      this.lines.splice(0, over);
      this.first += over;
    }
    this.version += 1;
  }

  prepend(page: Page): void {
    this.begin = { file: page.file, offset: page.start };
    if (page.lines.length === 0) return;
    this.first -= page.lines.length;
    this.lines = [...page.lines.map((row, at) => line(row, this.first + at)), ...this.lines];
    this.version += 1;
  }

  get full(): boolean {
    return this.lines.length >= MOST_LINES;
  }
}

function line(row: LogRow, id: number): Line {
  const level = (LEVELS as readonly string[]).includes(row.level ?? "") ? (row.level as Level) : "info";
  return { id, at: row.at ?? undefined, level, server: row.server ?? undefined, text: cleanLine(row.text) };
}

/** The lines of a level and above. */
export function atLeast(lines: readonly Line[], level: Level): readonly Line[] {
  const least = LEVELS.indexOf(level);
  return least === 0 ? lines : lines.filter((one) => LEVELS.indexOf(one.level) >= least);
}

export interface Search {
  text: string;
  regex: boolean;
  matchCase: boolean;
}

/** What finds a search; nothing for an empty one, a reason for a broken expression. */
export function finder(search: Search): RegExp | undefined | "broken" {
  if (!search.text) return undefined;
  const source = search.regex ? search.text : search.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  try {
    return new RegExp(source, search.matchCase ? "g" : "gi");
  } catch {
    return "broken";
  }
}

/** Places in `lines` that hold a match. */
export function matches(lines: readonly Line[], find: RegExp | undefined): number[] {
  if (!find) return [];
  const found: number[] = [];
  for (const [at, one] of lines.entries()) {
    find.lastIndex = 0;
    if (find.test(one.text)) found.push(at);
  }
  return found;
}

/** A text cut where it matches, for marks. Ends of zero length mark nothing. */
export function pieces(text: string, find: RegExp | undefined): { text: string; hit: boolean }[] {
  if (!find) return [{ text, hit: false }];
  const result: { text: string; hit: boolean }[] = [];
  let last = 0;
  for (const match of text.matchAll(find)) {
    if (match[0].length === 0) continue;
    if (match.index > last) result.push({ text: text.slice(last, match.index), hit: false });
    result.push({ text: match[0], hit: true });
    last = match.index + match[0].length;
  }
  if (last < text.length) result.push({ text: text.slice(last), hit: false });
  return result;
}

import { describe, expect, it } from "vitest";
import { atLeast, finder, LogBuffer, type LogRow, MOST_LINES, matches, pieces } from "./log-buffer";

const rows = (from: number, to: number): LogRow[] =>
  Array.from({ length: to - from }, (_, at) => ({ text: `line ${from + at}`, level: "info" }));
const page = (start: number, next: number, lines: LogRow[], file = "main.log") => ({
  source: "main",
  file,
  start,
  next,
  end: next,
  reset: false,
  lines,
});
const find = (text: string, more = {}) => finder({ text, regex: false, matchCase: false, ...more }) as RegExp;

describe("the lines at hand", () => {
  it("grow at both ends and keep the id of each line", () => {
    const buffer = new LogBuffer();
    buffer.append(page(500, 900, rows(5, 9)));
    const before = buffer.lines[0]?.id ?? 0;
    expect(buffer.oldest).toEqual({ file: "main.log", offset: 500 });
    buffer.prepend(page(0, 500, rows(0, 5)));
    buffer.append(page(900, 1000, rows(9, 10)));
    expect(buffer.lines.map((line) => line.text)).toEqual(rows(0, 10).map((row) => row.text));
    expect(buffer.lines[5]?.id).toBe(before);
    expect(new Set(buffer.lines.map((line) => line.id)).size).toBe(10);
    expect(buffer.oldest).toBeUndefined();
    expect(buffer.newest).toEqual({ file: "main.log", offset: 1000 });
  });
  it("go on after the log went on in a new file", () => {
    const buffer = new LogBuffer();
    buffer.append(page(0, 10, rows(0, 1), "a"));
    buffer.append(page(0, 20, rows(1, 3), "b"));
    expect(buffer.newest).toEqual({ file: "b", offset: 20 });
    expect(buffer.lines).toHaveLength(3);
  });
  it("forget the oldest beyond their number and keep ids growing", () => {
    const buffer = new LogBuffer();
    buffer.append(page(0, 1, rows(0, MOST_LINES)));
    buffer.append(page(1, 2, rows(MOST_LINES, MOST_LINES + 5)));
    expect(buffer.lines).toHaveLength(MOST_LINES);
    expect(buffer.lines[0]?.text).toBe("line 5");
    expect(buffer.lines.at(-1)?.id).toBe(MOST_LINES + 4);
    expect(buffer.full).toBe(true);
  });
  it("lose what a terminal would obey, and take unknown levels for information", () => {
    const buffer = new LogBuffer();
    buffer.append(page(0, 1, [{ text: "\u001b[31mred\u202e", level: "loud" as never }]));
    expect(buffer.lines[0]).toMatchObject({ text: "red\\u{202e}", level: "info" });
  });
});

describe("search", () => {
  const lines = (() => {
    const buffer = new LogBuffer();
    buffer.append(
      page(0, 1, [
        { text: "Rate limit (1)", level: "warn" },
        { text: "all fine", level: "debug" },
        { text: "rate again", level: "error" },
      ]),
    );
    return buffer.lines;
  })();
  it("finds text as it is written, in any case unless asked", () => {
    expect(matches(lines, find("rate"))).toEqual([0, 2]);
    expect(matches(lines, find("rate", { matchCase: true }))).toEqual([2]);
    expect(matches(lines, find("(1)"))).toEqual([0]);
    expect(matches(lines, undefined)).toEqual([]);
  });
  it("takes expressions and says when one is not complete", () => {
    expect(matches(lines, find("^r.*(limit|again)", { regex: true }))).toEqual([0, 2]);
    expect(finder({ text: "(", regex: true, matchCase: false })).toBe("broken");
  });
  it("marks each place once and ends for an expression that matches nothing long", () => {
    expect(pieces("a rate rate", find("rate"))).toEqual([
      { text: "a ", hit: false },
      { text: "rate", hit: true },
      { text: " ", hit: false },
      { text: "rate", hit: true },
    ]);
    expect(pieces("abc", find("x*", { regex: true }))).toEqual([{ text: "abc", hit: false }]);
  });
  it("shows a level and above", () => {
    expect(atLeast(lines, "warn")).toHaveLength(2);
    expect(atLeast(lines, "debug")).toBe(lines);
  });
  it("looks through 100,000 lines within a moment", () => {
    const buffer = new LogBuffer();
    buffer.append(page(0, 1, rows(0, 100_000)));
    const start = performance.now();
    expect(matches(buffer.lines, find("99999"))).toEqual([99_999]);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

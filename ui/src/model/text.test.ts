import { describe, expect, it } from "vitest";
import { clean, cleanLine, editableJson, midSentence, shortened } from "./text";

const ESC = "\u001b";

describe("text of servers", () => {
  it("loses colours and cursor movements", () => {
    expect(clean(`${ESC}[31mred${ESC}[0m ${ESC}[2J${ESC}[1;1Hhome`)).toBe("red home");
  });
  it("loses titles and links of terminals", () => {
    expect(clean(`${ESC}]0;title\u0007a${ESC}]8;;http://x${ESC}\\b`)).toBe("ab");
  });
  it("shows what turns or hides text instead of obeying it", () => {
    expect(clean("safe\u202egpj.exe")).toBe("safe\\u{202e}gpj.exe");
    expect(clean("a\u200bb\u2066c\ufeffd\u0000e\u009bf")).toBe("a\\u{200b}b\\u{2066}c\\u{feff}d\\u{0}e\\u{9b}f");
    expect(clean("tag\u{e0041}")).toBe("tag\\u{e0041}");
  });
  it("keeps tabs, line ends and every script", () => {
    expect(clean("a\tb\r\nc\rd 日本 שלום 🙂")).toBe("a\tb\nc\nd 日本 שלום 🙂");
  });
  it("becomes one line where there is room for one", () => {
    expect(cleanLine("  one\n   two\n")).toBe("one two");
  });
  it("says when it was cut", () => {
    expect(shortened("abcdef", 4)).toBe("abc…");
    expect(shortened("abcd", 4)).toBe("abcd");
  });
  it("stands escaped in JSON for an editor, and means the same", () => {
    const value = { a: "x\u202ey", "\u{e0041}": 1, plain: "é" };
    const text = editableJson(value);
    expect(text).not.toMatch(/[\u202e]|\u{e0041}/u);
    expect(JSON.parse(text)).toEqual(value);
  });
  it("goes on in a line without losing names", () => {
    expect(["Waiting for Docker", "WSL missing", "Off"].map(midSentence)).toEqual(["waiting for Docker", "WSL missing", "off"]);
  });
  it("takes long hostile text in linear time", () => {
    const start = performance.now();
    clean(`${ESC}[`.repeat(200_000));
    clean(`${ESC}]`.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

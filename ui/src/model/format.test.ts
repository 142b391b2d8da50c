import { describe, expect, it } from "vitest";
import { ago, duration, left, limit, memory, size } from "./format";

describe("numbers as people read them", () => {
  it("sizes and limits", () => {
    expect([size(0), size(999), size(349_000_000), size(1_200_000_000)]).toEqual(["0 B", "999 B", "349 MB", "1.2 GB"]);
    expect([memory(88 * 2 ** 20), memory(1.5 * 2 ** 30)]).toEqual(["88 MB", "1.5 GB"]);
    expect([limit("512m"), limit("1g"), limit("odd")]).toEqual(["512 MB", "1 GB", "odd"]);
  });
  it("durations and times ago", () => {
    expect([duration(11.2), duration(2100), duration(180_000)]).toEqual(["11 ms", "2.1 s", "3 min"]);
    const now = Date.parse("2026-01-02T12:00:00Z");
    expect([ago("2026-01-02T11:59:40Z", now), ago("2026-01-02T11:58:00Z", now), ago("2026-01-02T09:00:00Z", now), ago("x", now)]).toEqual([
      "now",
      "2 min",
      "3 h",
      "—",
    ]);
    expect(left("2026-01-02T12:00:10Z", now)).toBe("1 min");
  });
});

import { describe, expect, it } from "vitest";
import { type Activity, collapsed, meanDuration, periodStart } from "./activity";

const call = (id: string, change: Partial<Activity> = {}): Activity => ({
  id,
  type: "tool_call",
  source: "mcp",
  status: "success",
  timestamp: "2026-01-01T00:00:00Z",
  server_name: "github",
  tool_name: "get_issue",
  client_name: "Cursor",
  duration_ms: 100,
  count: 1,
  hidden_values: 0,
  response_truncated: false,
  ...change,
});

describe("runs", () => {
  it("gather the same client, tool and result", () => {
    const runs = collapsed([call("3"), call("2", { duration_ms: 300 }), call("1")]);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ count: 3, newest: { id: "3" }, oldest: { id: "1" } });
    expect(meanDuration(runs[0] as never)).toBeCloseTo(166.7, 0);
  });
  it("never mix failed with good", () => {
    const runs = collapsed([call("4"), call("3", { status: "error", error_message: "no" }), call("2"), call("1")]);
    expect(runs.map((run) => run.count)).toEqual([1, 1, 2]);
  });
  it("never mix clients, and open where somebody looks", () => {
    expect(collapsed([call("2"), call("1", { client_name: "Zed" })])).toHaveLength(2);
    expect(collapsed([call("2"), call("1")], new Set(["2"])).map((run) => run.newest.id)).toEqual(["2", "1"]);
  });
  it("count what one record stands for", () => {
    expect(collapsed([call("1", { type: "not_recorded", count: 40 })])[0]?.count).toBe(40);
  });
});

it("a period begins at a whole minute, and today at midnight", () => {
  const now = new Date(2026, 0, 5, 14, 30, 45, 500);
  expect(periodStart("1h", now)).toBe(new Date(2026, 0, 5, 13, 30, 0, 0).toISOString());
  expect(periodStart("today", now)).toBe(new Date(2026, 0, 5, 0, 0, 0, 0).toISOString());
  expect(periodStart("all", now)).toBeUndefined();
});

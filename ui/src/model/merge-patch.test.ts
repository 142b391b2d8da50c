import { expect, it } from "vitest";
import { mergePatch } from "./merge-patch";

function applied(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result = { ...(typeof target === "object" && target !== null && !Array.isArray(target) ? target : {}) } as Record<string, unknown>;
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applied(result[key], value);
  }
  return result;
}

it("holds exactly what changed", () => {
  const before = { command: "npx", args: ["-y", "a"], env: { A: "1", B: "2" }, isolation: { memory_limit: "1g" } };
  const after = { command: "npx", args: ["-y", "b"], env: { A: "1" }, isolation: { memory_limit: "2g" }, enabled: false };
  const patch = mergePatch(before, after);
  expect(patch).toEqual({ args: ["-y", "b"], env: { B: null }, isolation: { memory_limit: "2g" }, enabled: false });
  expect(applied(before, patch)).toEqual(after);
});

it("is empty for the same object", () => {
  expect(mergePatch({ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } })).toEqual({});
});

it("replaces what changes its kind", () => {
  expect(mergePatch({ a: { b: 1 } }, { a: [1] })).toEqual({ a: [1] });
  expect(mergePatch({ a: 1, b: 2 }, {})).toEqual({ a: null, b: null });
});

import { describe, expect, it } from "vitest";
import { fieldsOf, filled } from "./schema-form";

const SCHEMA = {
  type: "object",
  required: ["zone", "count"],
  properties: {
    zone: { type: "string", description: "IANA" },
    count: { type: "integer", default: 2 },
    ratio: { type: "number" },
    deep: { type: "boolean" },
    unit: { type: "string", enum: ["c", "f"] },
    list: { type: "array" },
  },
};

describe("a form from a schema", () => {
  it("has a field of its kind for each property", () => {
    expect(fieldsOf(SCHEMA).map(({ name, kind, required }) => [name, kind, required])).toEqual([
      ["zone", "text", true],
      ["count", "integer", true],
      ["ratio", "number", false],
      ["deep", "boolean", false],
      ["unit", "choice", false],
      ["list", "json", false],
    ]);
  });
  it("makes typed arguments and leaves out what is empty", () => {
    const made = filled(fieldsOf(SCHEMA), { zone: "Asia/Tokyo", deep: "true", list: "[1]", ratio: "" });
    expect(made).toEqual({ arguments: { zone: "Asia/Tokyo", count: 2, deep: true, list: [1] } });
  });
  it("names the first field that cannot be used", () => {
    expect(filled(fieldsOf(SCHEMA), { count: "x" })).toEqual({ wrong: "count", why: "number" });
    expect(filled(fieldsOf(SCHEMA), { count: "1.5" })).toEqual({ wrong: "count", why: "number" });
    expect(filled(fieldsOf(SCHEMA), { list: "[1" })).toEqual({ wrong: "list", why: "json" });
    expect(filled(fieldsOf({ properties: { n: { type: "number" } }, required: ["n"] }), {})).toEqual({ wrong: "n", why: "missing" });
  });
  it("takes whatever a server calls a schema", () => {
    for (const odd of [
      undefined,
      null,
      1,
      "x",
      [],
      {},
      { properties: null },
      { properties: { a: null } },
      { required: "a", properties: { a: {} } },
    ]) {
      expect(() => fieldsOf(odd)).not.toThrow();
    }
  });
});

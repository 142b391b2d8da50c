import { describe, expect, it } from "vitest";
import { readJson } from "./json";

const value = (text: string) => (readJson(text) as { value: unknown }).value;
const mistake = (text: string) => (readJson(text) as { mistake: unknown }).mistake;

describe("JSON that a person types", () => {
  it("reads what JSON.parse reads, the same way", () => {
    for (const text of ['{"a":[1,-2.5e3,true,false,null,"x\\n\\u00e9"],"b":{}}', "[]", '"x"', "0"]) {
      expect(value(text)).toEqual(JSON.parse(text));
    }
  });
  it("takes comments and trailing commas, as the configuration does", () => {
    expect(value('{ // one\n "a": 1, /* two */ "b": [1, 2,], }')).toEqual({ a: 1, b: [1, 2] });
  });
  it("says where a comma is missing", () => {
    expect(mistake('{\n  "a": 1\n  "b": 2\n}')).toEqual({ line: 3, column: 3, expected: "comma" });
  });
  it("says where a value, a colon, a name, a quote or an end is missing", () => {
    expect(mistake('{"a": }')).toMatchObject({ line: 1, column: 7, expected: "value" });
    expect(mistake('{"a" 1}')).toMatchObject({ expected: "colon" });
    expect(mistake("{a: 1}")).toMatchObject({ column: 2, expected: "key" });
    expect(mistake('["abc')).toMatchObject({ column: 2, expected: "quote" });
    expect(mistake("{} x")).toMatchObject({ column: 4, expected: "end" });
    expect(mistake("/* x")).toMatchObject({ expected: "comment" });
    expect(mistake("")).toMatchObject({ line: 1, column: 1, expected: "value" });
  });
  it("ends at a depth instead of overflowing", () => {
    expect(mistake("[".repeat(100_000))).toMatchObject({ expected: "value" });
  });
  it("makes no prototype of a name", () => {
    const read = value('{"__proto__": {"polluted": true}}') as object;
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.keys(read)).toEqual(["__proto__"]);
  });
});

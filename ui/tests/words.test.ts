import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const src = fileURLToPath(new URL("../src", import.meta.url));
const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const sources = files(src).map((path) => ({ path: path.slice(src.length + 1), text: readFileSync(path, "utf8") }));
const components = sources.filter((source) => source.path.endsWith(".tsx"));

it("components hold no literal text: it stands in the one catalogue", () => {
  const found: string[] = [];
  for (const { path, text } of components) {
    const code = text.replace(/\{?\/\*[\s\S]*?\*\/\}?/g, "").replace(/^\s*\/\/.*$/gm, "");
    for (const [number, line] of code.split("\n").entries()) {
      // Text between tags, and attributes that people see or hear.
      if (/>\s*[A-Za-z][a-z]+[^<>{}=();]*<\//.test(line)) found.push(`${path}:${number + 1}: ${line.trim()}`);
      if (/^\s*[A-Z][a-z]+( [a-z]+)+[.…]?\s*$/.test(line)) found.push(`${path}:${number + 1}: ${line.trim()}`);
      const attribute = /(?:aria-label|title|label|placeholder|hint|alt)="([^"]+)"/.exec(line)?.[1];
      if (attribute && /[A-Za-z]{2}/.test(attribute)) found.push(`${path}:${number + 1}: ${attribute}`);
    }
  }
  expect(found).toEqual([]);
});

it("nothing from outside is ever put into the page as markup", () => {
  for (const { path, text } of sources) {
    expect(text, path).not.toMatch(/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
  }
});

it("only one file knows Tauri", () => {
  const knows = sources.filter((source) => source.text.includes("@tauri-apps/api")).map((source) => source.path);
  expect(knows).toEqual([join("host", "tauri.ts")]);
});

it("the catalogue blames nobody and does not shout", () => {
  const text = sources.find((source) => source.path === "words.ts")?.text ?? "";
  expect(text).not.toMatch(/oops|sorry|please|[a-z]!["` ]/i);
});

it("files are short enough to be read", () => {
  for (const { path, text } of sources) {
    if (path.endsWith("schema.d.ts") || path === "words.ts") continue;
    expect(text.split("\n").length, path).toBeLessThan(420);
  }
});

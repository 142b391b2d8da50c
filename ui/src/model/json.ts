/** JSON with comments and trailing commas as the configuration allows them, and mistakes told by line and column. */

export interface Mistake {
  line: number;
  column: number;
  expected: Expected;
}

export type Expected = "value" | "comma" | "colon" | "key" | "end" | "quote" | "escape" | "comment";
export type Read = { value: unknown } | { mistake: Mistake };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const DEEPEST = 200;

class Wrong extends Error {
  constructor(
    readonly at: number,
    readonly expected: Expected,
  ) {
    super(expected);
  }
}

export function readJson(text: string): Read {
  try {
    const reader = new Reader(text);
    const value = reader.value(0);
    reader.space();
    if (reader.at < text.length) throw new Wrong(reader.at, "end");
    return { value };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { mistake: { ...placeOf(text, error.at), expected: error.expected } };
  }
}

export function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return { line, column: at - before.lastIndexOf("\n") };
}

class Reader {
  at = 0;
  constructor(private readonly text: string) {}

  space(): void {
    for (;;) {
      while (/\s/.test(this.text[this.at] ?? "")) this.at += 1;
      if (this.text.startsWith("//", this.at)) {
        const end = this.text.indexOf("\n", this.at);
        this.at = end < 0 ? this.text.length : end;
      } else if (this.text.startsWith("/*", this.at)) {
        const end = this.text.indexOf("*/", this.at + 2);
        if (end < 0) throw new Wrong(this.at, "comment");
        this.at = end + 2;
      } else return;
    }
  }

  value(depth: number): unknown {
    this.space();
    if (depth > DEEPEST) throw new Wrong(this.at, "value");
    const first = this.text[this.at];
    if (first === "{") return this.object(depth);
    if (first === "[") return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text)?.[0];
    if (!number) throw new Wrong(this.at, "value");
    this.at += number.length;
    return Number(number);
  }

  private object(depth: number): unknown {
    const result: Record<string, unknown> = {};
    this.at += 1;
    this.space();
    while (this.text[this.at] !== "}") {
      if (this.text[this.at] !== '"') throw new Wrong(this.at, "key");
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ":") throw new Wrong(this.at, "colon");
      this.at += 1;
      // An own property even for "__proto__".
      Object.defineProperty(result, key, { value: this.value(depth + 1), enumerable: true, configurable: true, writable: true });
      this.next("}");
    }
    this.at += 1;
    return result;
  }

  private array(depth: number): unknown {
    const result: unknown[] = [];
    this.at += 1;
    this.space();
    while (this.text[this.at] !== "]") {
      result.push(this.value(depth + 1));
      this.next("]");
    }
    this.at += 1;
    return result;
  }

  private next(end: string): void {
    this.space();
    if (this.text[this.at] === ",") {
      this.at += 1;
      this.space();
    } else if (this.text[this.at] !== end) throw new Wrong(this.at, "comma");
  }

  private string(): string {
    const start = this.at;
    for (this.at += 1; ; this.at += 1) {
      const letter = this.text[this.at];
      if (letter === undefined || letter === "\n") throw new Wrong(start, "quote");
      if (letter === '"') break;
      if (letter === "\\") this.at += 1;
    }
    this.at += 1;
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string;
    } catch {
      throw new Wrong(start, "escape");
    }
  }
}

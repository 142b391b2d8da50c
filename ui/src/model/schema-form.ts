/** A form from a tool's input schema: flat fields where that is clear, JSON where it is not. */

export type FieldKind = "text" | "number" | "integer" | "boolean" | "choice" | "json";

export interface FormField {
  name: string;
  kind: FieldKind;
  required: boolean;
  about: string;
  options: string[];
  initial: string;
}

interface Schema {
  type?: unknown;
  properties?: Record<string, Schema>;
  required?: unknown;
  description?: unknown;
  enum?: unknown;
  default?: unknown;
}

const MOST_FIELDS = 60;

export function fieldsOf(schema: unknown): FormField[] {
  const given = (schema ?? {}) as Schema;
  const required = new Set(Array.isArray(given.required) ? given.required : []);
  if (typeof given.properties !== "object" || given.properties === null) return [];
  return Object.entries(given.properties)
    .slice(0, MOST_FIELDS)
    .map(([name, property]) => field(name, property ?? {}, required.has(name)));
}

function field(name: string, property: Schema, required: boolean): FormField {
  const kind = kindOf(property);
  return {
    name,
    kind,
    required,
    about: typeof property.description === "string" ? property.description : "",
    options: kind === "choice" ? (property.enum as unknown[]).map(String) : [],
    initial:
      property.default === undefined ? "" : typeof property.default === "string" ? property.default : JSON.stringify(property.default),
  };
}

function kindOf(property: Schema): FieldKind {
  if (Array.isArray(property.enum) && property.enum.length > 0 && property.enum.every((value) => typeof value === "string"))
    return "choice";
  switch (property.type) {
    case "string":
      return "text";
    case "number":
      return "number";
    case "integer":
      return "integer";
    case "boolean":
      return "boolean";
    default:
      return "json";
  }
}

export type Filled = { arguments: Record<string, unknown> } | { wrong: string; why: "missing" | "number" | "json" };

/** The arguments, or the first field that cannot be used. Empty fields that are not required are left out. */
export function filled(fields: readonly FormField[], values: Readonly<Record<string, string>>): Filled {
  const result: Record<string, unknown> = {};
  for (const field of fields) {
    const text = values[field.name] ?? field.initial;
    if (text === "") {
      if (field.required && field.kind !== "text") return { wrong: field.name, why: "missing" };
      if (field.required) result[field.name] = "";
      continue;
    }
    switch (field.kind) {
      case "number":
      case "integer": {
        const number = Number(text);
        if (Number.isNaN(number) || (field.kind === "integer" && !Number.isInteger(number))) return { wrong: field.name, why: "number" };
        result[field.name] = number;
        break;
      }
      case "boolean":
        result[field.name] = text === "true";
        break;
      case "json":
        try {
          result[field.name] = JSON.parse(text);
        } catch {
          return { wrong: field.name, why: "json" };
        }
        break;
      default:
        result[field.name] = text;
    }
  }
  return { arguments: result };
}

// Makes src/api/schema.d.ts from openapi.json.
//   npm run types                  takes the committed openapi.json
//   MCPPROXY_BIN=path npm run types   first asks that program for its document
//   npm run types:check            fails when schema.d.ts is not what openapi.json makes
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const check = process.argv.includes("--check");
const target = join(root, "src/api/schema.d.ts");
const documentPath = join(root, "openapi.json");

if (!check && process.env.MCPPROXY_BIN) writeFileSync(documentPath, await documentOf(process.env.MCPPROXY_BIN));
const made = generate();
if (check) {
  if (readFileSync(target, "utf8") !== made) {
    console.error("src/api/schema.d.ts is stale. Run: npm run types");
    process.exit(1);
  }
  console.log("schema.d.ts is what openapi.json makes.");
} else {
  writeFileSync(target, made);
  console.log(`Wrote ${target}`);
}

function generate() {
  const program = join(root, "types/node_modules/openapi-typescript/bin/cli.js");
  if (!existsSync(program)) {
    execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: join(root, "types"), stdio: "inherit" });
  }
  const folder = mkdtempSync(join(tmpdir(), "mcpproxy-types-"));
  try {
    // Handlers of one name in two modules share an operationId, so types go by address and method alone.
    const document = JSON.parse(readFileSync(documentPath, "utf8"));
    for (const operations of Object.values(document.paths)) {
      for (const operation of Object.values(operations)) delete operation.operationId;
    }
    const [given, out] = [join(folder, "openapi.json"), join(folder, "schema.d.ts")];
    writeFileSync(given, JSON.stringify(document));
    execFileSync(process.execPath, [program, given, "--output", out], { stdio: ["ignore", "ignore", "inherit"] });
    return readFileSync(out, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the program on a folder of its own, asks for its document and ends it. */
async function documentOf(program) {
  const folder = mkdtempSync(join(tmpdir(), "mcpproxy-openapi-"));
  const listen = `127.0.0.1:${20000 + (process.pid % 20000)}`;
  const config = join(folder, "mcp_config.json");
  writeFileSync(config, JSON.stringify({ listen, api_key: "k".repeat(32), mcpServers: {} }));
  const child = spawn(program, ["serve", "--config", config, "--data-dir", folder, "--listen", listen], { stdio: "ignore" });
  try {
    for (let left = 100; ; left -= 1) {
      const answer = await fetch(`http://${listen}/openapi.json`).catch(() => undefined);
      if (answer?.ok) return `${JSON.stringify(await answer.json(), null, 2)}\n`;
      if (left === 0) throw new Error(`${program} did not answer at ${listen}`);
      await new Promise((next) => setTimeout(next, 100));
    }
  } finally {
    child.kill("SIGTERM");
    await new Promise((done) => child.once("exit", done));
    rmSync(folder, { recursive: true, force: true });
  }
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible } from "./axe";
import { Core, expect, test } from "./core";

const EVIL =
  '<img src=x onerror="window.owned=1"> <script>window.owned=1</script> \u202egpj.exe \u001b[31m [x](javascript:alert(1)) {{7*7}}';

/** A server whose every text attacks whoever shows it. It runs on the host, so that no image is needed. */
const SCRIPT = `
const evil = ${JSON.stringify(EVIL)};
let rest = "";
process.stderr.write(evil + "\\n");
process.stdin.on("data", (chunk) => {
  rest += chunk;
  for (let end = rest.indexOf("\\n"); end >= 0; end = rest.indexOf("\\n")) {
    const message = JSON.parse(rest.slice(0, end));
    rest = rest.slice(end + 1);
    if (message.id === undefined) continue;
    const results = {
      initialize: { protocolVersion: message.params?.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: evil, version: evil } },
      "tools/list": { tools: [{ name: "evil_tool", description: evil, annotations: { title: evil }, inputSchema: { type: "object", properties: { ["a" + evil]: { type: "string", description: evil } } } }] },
      "tools/call": { content: [{ type: "text", text: evil }, { type: evil, mimeType: evil }], isError: false },
    };
    process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: message.id, result: results[message.method] ?? {} }) + "\\n");
  }
});
`;

let core: Core;
let folder: string;
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mcpproxy-evil-"));
  writeFileSync(join(folder, "evil.js"), SCRIPT);
  core = await Core.start({
    servers: {
      evil: { command: process.execPath, args: [join(folder, "evil.js")], isolation: { enabled: false } },
      "<b>bold</b>\u202eexe": { command: "npx", args: ["<img src=x onerror=window.owned=1>"], enabled: false },
    },
  });
  await core.ready("evil");
});
test.afterAll(async () => {
  await core?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("whatever a server says is text", async ({ page }) => {
  await core.open(page);
  const unowned = async (where: string) => {
    expect(await page.evaluate(() => (window as { owned?: number }).owned), where).toBeUndefined();
    expect(await page.locator("#root img, #root script, #root iframe, #root b").count(), where).toBe(0);
    expect(await page.evaluate(() => document.body.textContent), where).not.toMatch(/[\u202e\u001b]/);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
  };
  await expect(page.getByText("<b>bold</b>\\u{202e}exe")).toBeVisible();
  await unowned("list");
  await core.go(page, "/servers/evil/tools");
  await page.getByRole("button", { name: /evil_tool/ }).click();
  await expect(page.getByRole("tabpanel").getByText("window.owned=1").first()).toBeVisible();
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText(/Answered in/)).toBeVisible();
  await unowned("tools");
  await accessible(page, "hostile tools");
  for (const path of [
    "/servers/evil",
    "/servers/evil/logs",
    "/servers/evil/activity",
    "/servers/evil/isolation",
    "/activity",
    "/security",
    "/logs",
    "/add",
  ]) {
    await core.go(page, path);
    await expect(page.locator("main, dialog[open]").first()).toBeVisible();
    await page.waitForTimeout(600);
    await unowned(path);
  }
});

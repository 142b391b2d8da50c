import { accessible } from "./axe";
import { Core, expect, test } from "./core";

let core: Core;
test.beforeAll(async () => {
  core = await Core.start();
});
test.afterAll(() => core?.stop());

test("a pasted command is understood before it is saved, and runs after", async ({ page }) => {
  await core.open(page, "/servers");
  await page.keyboard.press("Control+n");
  const dialog = page.getByRole("dialog", { name: "Add a server" });
  const field = dialog.getByLabel("Paste a command, an address or JSON");
  await expect(field).toBeFocused();
  await field.fill("npx -y @modelcontextprotocol/server-memory");
  await expect(dialog.getByText(/runs in the image node:20/)).toBeVisible();
  await accessible(page, "add, understood");
  await dialog.getByLabel("Name").fill("remember");
  expect(JSON.parse(core.read(".mcpproxy/mcp_config.json")).mcpServers).toEqual({});
  await dialog.getByRole("button", { name: "Add and isolate" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "remember" })).toBeVisible();
  await core.ready("remember");
  await expect(page.getByText("Ready", { exact: true })).toBeVisible();
  expect((await core.server("remember")).placement).toBe("container");
});

test("a mistake in JSON is told with its place", async ({ page }) => {
  await core.open(page, "/add");
  const dialog = page.getByRole("dialog", { name: "Add a server" });
  await dialog.getByRole("textbox").fill('{\n  "mcpServers": {\n    "a": { "command": "npx" "args": [] }\n  }\n}');
  await expect(dialog.getByText(/Line 3, column \d+/)).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Add and isolate" })).toBeDisabled();
});

test("several servers are added from one block, those that are ticked", async ({ page }) => {
  await core.open(page, "/add");
  const dialog = page.getByRole("dialog", { name: "Add a server" });
  await dialog
    .getByRole("textbox")
    .fill(JSON.stringify({ mcpServers: { one: { url: "https://one.example/mcp" }, two: { url: "https://two.example/mcp" } } }));
  await dialog.getByRole("checkbox", { name: /^two/ }).uncheck();
  await dialog.getByRole("button", { name: "Add and isolate" }).click();
  await expect.poll(() => Object.keys(JSON.parse(core.read(".mcpproxy/mcp_config.json")).mcpServers)).toContain("one");
  expect(Object.keys(JSON.parse(core.read(".mcpproxy/mcp_config.json")).mcpServers)).not.toContain("two");
});

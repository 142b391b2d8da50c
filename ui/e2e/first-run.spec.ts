import { accessible } from "./axe";
import { Core, expect, test } from "./core";

const CLAUDE = `{
  // a comment that stays
  "numStartups": 12,
  "mcpServers": {
    "memory": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"] },
    "elsewhere": { "type": "http", "url": "https://docs.example/mcp" }
  }
}
`;

let core: Core;
test.beforeAll(async () => {
  core = await Core.start({ home: { ".claude.json": CLAUDE } });
});
test.afterAll(() => core?.stop());

test("servers are taken over from a client, whose file is changed as it was shown, and back", async ({ page }) => {
  await core.open(page, "/");
  await expect(page.getByRole("heading", { name: "Your MCP servers run with all your rights today" })).toBeVisible();
  await expect(page.getByText("Nothing is changed yet.")).toBeVisible();
  const memory = page.getByRole("checkbox", { name: /^memory/ });
  await expect(memory).toBeChecked();
  const elsewhere = page.getByRole("checkbox", { name: /^elsewhere/ });
  if (await elsewhere.isChecked()) await elsewhere.uncheck();
  await page.getByRole("button", { name: "Details: memory" }).click();
  await expect(page.getByText("It sees no file of yours.").first()).toBeVisible();
  expect(core.read(".claude.json")).toBe(CLAUDE);
  await page.getByRole("button", { name: "Isolate 1 server" }).click();

  await expect(page.getByRole("heading", { name: "Preparing 1 server" })).toBeVisible();
  await accessible(page, "first run, preparing");
  await core.ready("memory");
  const connect = page.getByRole("button", { name: "Connect 1 client" });
  await expect(connect).toBeEnabled();
  await page.getByRole("button", { name: "Show the difference of Claude Code's file" }).click();
  const difference = page.getByRole("region", { name: "Difference of the file" });
  await expect(difference).toContainText("mcpproxy");
  await expect(difference).toContainText('"memory"');
  expect(core.read(".claude.json")).toBe(CLAUDE);
  await accessible(page, "first run, difference");
  await connect.click();

  await expect(page.getByRole("heading", { name: "Your servers answer, and each stays in its container" })).toBeVisible();
  const written = core.read(".claude.json");
  expect(written).toContain("a comment that stays");
  expect(written).toContain("mcpproxy");
  expect(written).not.toContain("server-memory");
  expect(written).toContain("docs.example");
  await accessible(page, "first run, done");
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Servers" })).toBeVisible();

  await core.go(page, "/clients");
  await page.getByRole("button", { name: "Undo the change of Claude Code's file" }).click();
  await expect(page.getByText(/is as it was/)).toBeVisible();
  expect(core.read(".claude.json")).toBe(CLAUDE);
});

test("a client that was set up once does not bring the first run back", async ({ page }) => {
  await core.open(page, "/");
  await expect(page.getByRole("heading", { level: 1, name: "Servers" })).toBeVisible();
});

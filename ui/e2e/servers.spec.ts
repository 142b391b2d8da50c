import { execFileSync } from "node:child_process";
import { Core, ECHO, expect, SERVERS, test } from "./core";

let core: Core;
test.beforeAll(async () => {
  core = await Core.start({ servers: { ...SERVERS, everything: ECHO } });
  await core.ready("everything", "time");
});
test.afterAll(() => core?.stop());

const runs = (id: string | undefined) => id !== undefined && execFileSync("docker", ["ps", "-q", "--no-trunc"]).toString().includes(id);

test("the switch takes a server out of its container and back, with a question only on the way out", async ({ page }) => {
  await core.open(page);
  const before = await core.server("everything");
  expect(runs(before.container_id)).toBe(true);
  const toggle = page.getByRole("switch", { name: "Isolation for everything" });
  await expect(toggle).toBeChecked();
  await toggle.click();
  const question = page.getByRole("alertdialog");
  await expect(question.getByText(/read every file/)).toBeVisible();
  await expect(question.getByRole("button", { name: "Keep isolated" })).toBeFocused();
  await question.getByText("For 1 hour").click();
  await question.getByRole("button", { name: "Run without isolation" }).click();
  await expect.poll(async () => (await core.server("everything")).placement).toBe("host");
  await expect.poll(() => runs(before.container_id)).toBe(false);
  await expect(toggle).not.toBeChecked();
  await expect(page.getByRole("row", { name: /^everything,.*unprotected for (60|59) min/ })).toBeVisible();

  await page
    .getByRole("row", { name: /^everything,/ })
    .getByRole("button", { name: "Isolate now" })
    .click();
  await core.ready("everything");
  const after = await core.server("everything");
  expect(after.placement).toBe("container");
  expect(runs(after.container_id)).toBe(true);
  await expect(toggle).toBeChecked();
});

test("what others change is shown without asking again and again", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await core.open(page);
  const row = page.getByRole("row", { name: /^everything,/ });
  await expect(row).toHaveAccessibleName(/Ready/);
  await core.api("POST", "/api/v1/servers/everything/disable");
  await expect(row).toHaveAccessibleName(/^everything, Off/);
  await core.api("POST", "/api/v1/servers/everything/enable");
  await expect(row).toHaveAccessibleName(/^everything, Ready/, { timeout: 60_000 });
  // A quiet while: only held requests may begin.
  await page.waitForTimeout(1500);
  asked.length = 0;
  await page.waitForTimeout(4000);
  const polls = asked.filter((path) => !["/api/v1/changes", "/api/v1/figures"].includes(path));
  expect(polls.filter((path) => path === "/api/v1/servers").length, polls.join()).toBeLessThanOrEqual(3);
});

test("a removed server comes back whole, secrets and all", async ({ page }) => {
  await core.open(page);
  const before = JSON.parse(core.read(".mcpproxy/mcp_config.json")).mcpServers.github;
  await page
    .getByRole("row", { name: /^github,/ })
    .getByRole("button", { name: "Actions for github" })
    .click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await expect(page.getByRole("row", { name: /^github,/ })).toHaveCount(0);
  expect(JSON.parse(core.read(".mcpproxy/mcp_config.json")).mcpServers.github).toBeUndefined();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("row", { name: /^github,/ })).toBeVisible();
  expect(JSON.parse(core.read(".mcpproxy/mcp_config.json")).mcpServers.github).toMatchObject(before);
});

test("a change of isolation is seen before it is made", async ({ page }) => {
  await core.open(page, "/servers/time/isolation");
  await page.getByText("No network", { exact: true }).click();
  const bar = page.getByRole("region", { name: "1 change" });
  await expect(bar.getByText("It reaches no network.")).toBeVisible();
  await expect(bar.getByText(/will restart/)).toBeVisible();
  const stored = () => JSON.parse(core.read(".mcpproxy/mcp_config.json")).mcpServers.time.isolation;
  expect(stored()).toBeUndefined();
  await bar.getByRole("button", { name: "Apply" }).click();
  await expect.poll(stored).toEqual({ network_mode: "none" });
  await expect(page.getByRole("tabpanel").getByText("It reaches no network.")).toBeVisible();
  await core.ready("time");
});

test("a tool is tried with a form from its schema", async ({ page }) => {
  await core.open(page, "/servers/time/tools");
  await page.getByRole("button", { name: /get_current_time/ }).click();
  await page.getByRole("textbox", { name: /timezone/ }).fill("Asia/Tokyo");
  await page.getByRole("button", { name: "Try it" }).click();
  const question = page.getByRole("alertdialog");
  if (await question.isVisible()) await question.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByRole("status", { name: "Result" })).toContainText("Asia/Tokyo");
  await core.go(page, "/activity");
  await expect(page.getByRole("button", { name: /time · get_current_time/ }).first()).toBeVisible();
});

test("pausing holds every server, and the window says so", async ({ page }) => {
  await core.open(page);
  await page.keyboard.press("Control+.");
  await expect(page.getByText(/All servers are paused since/)).toBeVisible();
  await page.getByRole("button", { name: "Resume all servers" }).click();
  await expect(page.getByText(/All servers are paused since/)).toHaveCount(0);
});

test("everything of the list can be done with the keyboard", async ({ page }) => {
  await core.open(page);
  await page.getByRole("row", { name: /^everything,/ }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("row", { name: /^time,/ })).toBeFocused();
  await page.keyboard.press("k");
  await expect(page.getByRole("row", { name: /^everything,/ })).toBeFocused();
  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menuitem", { name: "Restart" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("row", { name: /^everything,/ }).focus();
  await page.keyboard.press("l");
  await expect(page.getByRole("tab", { name: "Logs" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { level: 1, name: "Servers" })).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("tim");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+4");
  await expect(page.getByRole("heading", { level: 1, name: "Security" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("time: isol");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "Isolation" })).toHaveAttribute("aria-selected", "true");
});

test("a core that went away is told, and found again", async ({ page }) => {
  await core.open(page);
  await page.route("**/api/v1/**", (route) => route.abort());
  await expect(page.getByText(/The window lost MCPProxy. Reconnecting, try/)).toBeVisible({ timeout: 40_000 });
  await page.unroute("**/api/v1/**");
  await expect(page.getByText(/The window lost MCPProxy/)).toHaveCount(0);
});

test("a page without a session is told where to get one", async ({ page }) => {
  await page.goto(`${core.address}/ui/`);
  await expect(page.getByRole("heading", { name: "This page needs a new address" })).toBeVisible();
  await expect(page.getByText("mcpproxy open")).toBeVisible();
});

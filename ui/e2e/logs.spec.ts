import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Core, expect, test } from "./core";

let core: Core;
let mainLog: string;
test.beforeAll(async () => {
  core = await Core.start({ servers: { docs: { url: "https://mcp.example.invalid/mcp", enabled: false } } });
  mainLog = join((await core.api<{ log_dir: string }>("GET", "/api/v1/status")).log_dir, "main.log");
});
test.afterAll(() => core?.stop());

const line = (at: number, text: string, level = "INFO") =>
  `2026-01-02T10:00:${String(at % 60).padStart(2, "0")}.000Z | ${level} | e2e.rs:1 | ${text}\n`;

/** Writes lines, and has the core write one of its own, which is what wakes a held request. */
async function write(text: string): Promise<void> {
  appendFileSync(mainLog, text);
  const { enabled } = await core.api<{ enabled: boolean }>("GET", "/api/v1/servers/docs");
  await core.api("POST", `/api/v1/servers/docs/${enabled ? "disable" : "enable"}`);
}

test("new lines appear by themselves, until the person scrolls up", async ({ page }) => {
  await core.open(page, "/logs");
  await expect(page.getByText(/MCPProxy is ready/).first()).toBeVisible();
  await write(line(1, "first of the test"));
  await expect(page.getByText("first of the test")).toBeVisible();
  await write(Array.from({ length: 300 }, (_, at) => line(at, `filler ${at}`)).join(""));
  await expect(page.getByText(/filler 2\d\d/).first()).toBeVisible();
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, -1500);
  await expect(page.getByRole("checkbox", { name: "Follow" })).not.toBeChecked();
  await write(line(2, "came while paused"));
  await expect(page.getByText(/Paused, \d+ new lines?\./)).toBeVisible();
  await expect(page.getByText("came while paused")).toHaveCount(0);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await expect(page.getByText("came while paused")).toBeVisible();
});

test("100,000 lines are searched, and only those in sight exist", async ({ page }) => {
  const many = Array.from({ length: 100_000 }, (_, at) => line(at, at === 1234 ? "the needle in the hay" : `straw number ${at}`)).join("");
  appendFileSync(mainLog, many);
  await core.open(page, "/logs");
  await expect(page.getByText("straw number 99999", { exact: true })).toBeVisible();
  await page.getByRole("searchbox").fill("the needle");
  await expect(page.getByText("1 of 1", { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("mark")).toHaveText("the needle");
  const rows = await page.getByRole("log").locator("[data-index]").count();
  expect(rows).toBeLessThan(150);
});

test("what a line would do to a terminal or to the eye is shown, not done", async ({ page }) => {
  appendFileSync(mainLog, line(3, "evil <img src=x onerror=alert(1)> \u001b[31mred\u001b[0m \u202egnp.exe end"));
  await core.open(page, "/logs");
  const shown = page.getByText(/evil <img src=x onerror=alert\(1\)>/);
  await expect(shown).toBeVisible();
  expect(await shown.textContent()).not.toMatch(/[\u001b\u202e]/);
  await expect(page.locator("main img")).toHaveCount(0);
});

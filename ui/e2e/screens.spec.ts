import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { accessible } from "./axe";
import { Core, expect, SERVERS, test } from "./core";

const shots = process.env.SCREENS_DIR ?? fileURLToPath(new URL("../screens", import.meta.url));
const CLAUDE = `{\n  // kept\n  "mcpServers": {\n    "files": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/srv/notes"] }\n  }\n}\n`;

interface Screen {
  name: string;
  path: string;
  shown(page: Page): Promise<void>;
}

const heading = (name: string) => async (page: Page) => expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
const tab = (text: string | RegExp) => async (page: Page) => expect(page.getByRole("tabpanel").getByText(text).first()).toBeVisible();

const SCREENS: Screen[] = [
  { name: "servers", path: "/servers", shown: async (page) => expect(page.getByRole("row", { name: /^everything, Ready/ })).toBeVisible() },
  { name: "server-overview", path: "/servers/everything", shown: tab("What it can reach") },
  { name: "server-failed", path: "/servers/notes", shown: tab("What went wrong") },
  { name: "server-tools", path: "/servers/everything/tools", shown: tab("echo") },
  { name: "server-isolation", path: "/servers/everything/isolation", shown: tab("It sees no file of yours.") },
  { name: "server-logs", path: "/servers/everything/logs", shown: tab("server state") },
  { name: "server-activity", path: "/servers/everything/activity", shown: tab("everything is ready.") },
  { name: "server-config", path: "/servers/github/config", shown: tab(/Its entry in/) },
  { name: "activity", path: "/activity", shown: heading("Activity") },
  {
    name: "security",
    path: "/security",
    shown: async (page) => expect(page.getByRole("switch", { name: "Isolation for all servers" })).toBeVisible(),
  },
  { name: "clients", path: "/clients", shown: async (page) => expect(page.getByText("Claude Code", { exact: true })).toBeVisible() },
  { name: "logs", path: "/logs", shown: async (page) => expect(page.getByRole("log").locator("[data-index]").last()).toBeVisible() },
  {
    name: "settings",
    path: "/settings",
    shown: async (page) => expect(page.getByText("Start", { exact: false }).or(page.getByText("Theme"))).toBeTruthy(),
  },
  {
    name: "first-run",
    path: "/welcome",
    shown: async (page) => expect(page.getByRole("button", { name: /Isolate 1 server/ })).toBeVisible(),
  },
  { name: "add", path: "/add", shown: async (page) => expect(page.getByRole("dialog", { name: "Add a server" })).toBeVisible() },
  {
    name: "docker",
    path: "/servers",
    shown: async (page) => {
      await page.getByRole("button", { name: /^Docker:/ }).click();
      await expect(page.getByRole("dialog", { name: "Docker" })).toBeVisible();
    },
  },
  {
    name: "palette",
    path: "/servers",
    shown: async (page) => {
      await page.keyboard.press("Control+k");
      await expect(page.getByRole("combobox")).toBeFocused();
    },
  },
  {
    name: "leave-isolation",
    path: "/servers",
    shown: async (page) => {
      await page.getByRole("switch", { name: "Isolation for everything" }).click();
      await expect(page.getByRole("alertdialog")).toBeVisible();
    },
  },
];

let core: Core;
test.beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  core = await Core.start({ servers: SERVERS, home: { ".claude.json": CLAUDE } });
  await core.ready("everything", "time");
  await core.api("POST", "/api/v1/tools/call", { tool_name: "time:get_current_time", arguments: { timezone: "Asia/Tokyo" } });
});
test.afterAll(() => core?.stop());

for (const theme of ["light", "dark"] as const) {
  test(`every screen is accessible in ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await core.open(page);
    for (const screen of SCREENS) {
      await test.step(screen.name, async () => {
        await core.go(page, screen.path);
        await screen.shown(page);
        await accessible(page, `${screen.name}, ${theme}`);
        await page.screenshot({ path: join(shots, `${screen.name}-${theme}.png`) });
        await page.keyboard.press("Escape");
        await expect(page.locator("dialog[open]")).toHaveCount(0);
      });
    }
  });
}

test("nothing is cut off at 640 by 480, and with text twice as large nothing scrolls sideways", async ({ page }) => {
  await core.open(page);
  for (const size of [
    { width: 640, height: 480 },
    { width: 1280, height: 960, zoom: 2 },
  ]) {
    await page.setViewportSize(size);
    await page.evaluate((zoom) => {
      document.documentElement.style.setProperty("zoom", String(zoom));
    }, size.zoom ?? 1);
    for (const screen of SCREENS) {
      await core.go(page, screen.path);
      await screen.shown(page);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over, `${screen.name} at ${size.width}`).toBeLessThanOrEqual(0);
      if (!size.zoom) await page.screenshot({ path: join(shots, `${screen.name}-small.png`) });
      await page.keyboard.press("Escape");
    }
  }
});

test("with forced colours and reduced motion every screen still shows", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  await core.open(page);
  await SCREENS[0]?.shown(page);
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
  await page.screenshot({ path: join(shots, "servers-forced-colors.png") });
});

test("the types of the pages are those of this core", async () => {
  const live = await fetch(`${core.address}/openapi.json`).then((answer) => answer.json());
  const { readFileSync } = await import("node:fs");
  const kept = JSON.parse(readFileSync(fileURLToPath(new URL("../openapi.json", import.meta.url)), "utf8"));
  expect(live, "Run: MCPPROXY_BIN=… npm run types").toEqual(kept);
});

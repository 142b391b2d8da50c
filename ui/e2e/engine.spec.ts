import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { accessible } from "./axe";
import { Core, ECHO, expect, test } from "./core";

const shots = process.env.SCREENS_DIR ?? fileURLToPath(new URL("../screens", import.meta.url));
let core: Core;
test.beforeAll(async () => {
  core = await Core.start({
    servers: { echo: ECHO },
    config: { docker_isolation: { enabled: true, endpoint: "unix:///nowhere/docker.sock" } },
  });
});
test.afterAll(() => core?.stop());

test("without an engine the window says what waits, where it looked, and comes back by itself", async ({ page }) => {
  await core.open(page);
  const row = page.getByRole("row", { name: /^echo, Waiting for Docker/ });
  await expect(row).toBeVisible();
  await accessible(page, "servers without an engine");
  await page.screenshot({ path: join(shots, "engine-absent-list.png") });
  await row.getByRole("button", { name: "Open Docker" }).click();
  const dialog = page.getByRole("dialog", { name: "Docker" });
  await expect(dialog.getByText(/nowhere\/docker\.sock/).first()).toBeVisible();
  await accessible(page, "Docker panel without an engine");
  await page.screenshot({ path: join(shots, "engine-absent.png") });
  await page.keyboard.press("Escape");

  await core.api("PATCH", "/api/v1/config", { docker_isolation: { endpoint: null } });
  await core.api("POST", "/api/v1/docker/check");
  await expect(page.getByRole("row", { name: /^echo, Ready, isolated/ })).toBeVisible({ timeout: 90_000 });
});

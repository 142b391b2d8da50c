import { Core, expect, test } from "./core";

const COUNT = 1000;
let core: Core;
test.beforeAll(async () => {
  const servers = Object.fromEntries(
    Array.from({ length: COUNT }, (_, at) => [
      `server-${String(at).padStart(4, "0")}`,
      { command: "npx", args: ["-y", `pkg-${at}`], enabled: false },
    ]),
  );
  core = await Core.start({ servers });
});
test.afterAll(() => core?.stop());

test("a thousand servers scroll smoothly, and only those in sight exist", async ({ page }) => {
  await core.open(page);
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(COUNT + 1));
  expect(await page.getByRole("row").count()).toBeLessThan(60);
  const frames = await page.evaluate(async () => {
    const list = document.querySelector("[role=grid]")?.parentElement;
    if (!list) throw new Error("no list");
    const times: number[] = [];
    let last = performance.now();
    for (let step = 0; step < 120; step += 1) {
      list.scrollTop += 120;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b);
  });
  const median = frames[Math.floor(frames.length / 2)] ?? 0;
  console.log(`frames: median ${median.toFixed(1)} ms, worst ${frames.at(-1)?.toFixed(1)} ms`);
  // A generous bound: this machine draws without a graphics card. The figure itself belongs to the benchmark.
  expect(median).toBeLessThan(50);
  await page.getByRole("searchbox").fill("server-0999");
  await expect(page.getByRole("row")).toHaveCount(2);
});

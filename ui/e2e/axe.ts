import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

interface Found {
  id: string;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** No violation of WCAG 2.2 AA on what is shown now. */
export async function accessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  // Movement changes colours on its way; what counts is where it ends.
  await page.waitForFunction(() =>
    document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getTiming().iterations === Infinity),
  );
  const violations = await page.evaluate(async () => {
    const run = (window as unknown as { axe: typeof axe }).axe.run;
    const result = await run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return result.violations as unknown as Found[];
  });
  const told = violations.map(
    (one) =>
      `${one.id}: ${one.help}\n${one.nodes
        .slice(0, 4)
        .map((node) => `  ${node.target.join(" ")}\n    ${node.failureSummary}`)
        .join("\n")}`,
  );
  // Soft, so that one run tells all of them.
  expect.soft(told, what).toEqual([]);
}

import type { Page } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { openPage, overflows } from "./chromium.ts";
import { contrastFailures } from "./contrast.ts";
import { metricsRow } from "./fake-metrics.ts";
import { browser, edge, page, setUpPages, signIn, watched } from "./operator-page.ts";

setUpPages();
afterEach(() => expect(watched.complaints).toEqual([]));

const section = (on: Page = page) => on.getByRole("region", { name: "Model requests" });

const ROWS = [
  metricsRow(),
  metricsRow({ outcome: "upstream_error", reason: "upstream_busy", requests: 55, first_byte_p50_ms: 0 }),
  metricsRow({ model: "", provider: "", outcome: "refused", reason: "quota_exceeded", requests: 600 }),
];

describe("model requests", () => {
  it("are summed, and told by model, outcome and reason", async () => {
    edge.metrics.rows = ROWS;
    await signIn();
    await section().getByText("13K", { exact: true }).waitFor();
    await section().getByText("4.6 % of requests").waitFor();
    const rows = section().getByRole("row");
    expect(await rows.count()).toBe(4);
    expect(await rows.nth(1).textContent()).toContain("190M (150M cached)");
    expect(await rows.nth(2).textContent()).toContain("upstream busy");
    expect(await rows.nth(3).textContent()).toContain("none named");
  });

  it("can be asked for over another time", async () => {
    await signIn();
    await section().getByText("There was no request in this time.").waitFor();
    await section().getByLabel("Time").selectOption("168");
    await expect.poll(() => edge.metrics.hours.at(-1)).toBe(168);
  });

  it("that this edge may not read are said to be so, with what to do", async () => {
    edge.metrics.rows = undefined;
    await signIn();
    await section().getByText("Set CF_ACCOUNT_ID and CF_API_TOKEN.").waitFor();
  });

  it.each(["light", "dark"] as const)("fit a phone and are readable, %s", async (colorScheme) => {
    edge.metrics.rows = ROWS;
    const phone = await openPage(browser, { viewport: { width: 360, height: 780 }, colorScheme });
    await signIn(phone.page);
    await section(phone.page).getByText("none named").waitFor();
    expect(await overflows(phone.page)).toBe(false);
    expect(await contrastFailures(phone.page)).toEqual([]);
    await phone.close();
  });
});

import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TIER_IDS, TIERS } from "#schema/domain/tiers.ts";
import { launchChromium, openPage, overflows, type WatchedPage } from "./chromium.ts";
import { contrastFailures } from "./contrast.ts";
import { type FakeEdge, startFakeEdge } from "./fake-edge.ts";

let edge: FakeEdge;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  [edge, browser] = await Promise.all([startFakeEdge(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

/** The list of terms and values on a plan's card. */
const figures = (card: Locator): Promise<Record<string, string>> =>
  card
    .locator("dl > div")
    .evaluateAll((lines) =>
      Object.fromEntries(
        lines.map((line) => [line.children[0]?.textContent ?? "", line.children[1]?.textContent ?? ""]),
      ),
    );

describe("the public pages", () => {
  beforeEach(async () => {
    watched = await openPage(browser, { javaScriptEnabled: false });
  });
  afterEach(() => watched.close());

  it.each(["/", "/pricing"])("%s needs no script and asks nobody else for anything", async (path) => {
    const { page, complaints, asked } = watched;
    const response = await page.goto(edge.url + path);
    expect(response?.status()).toBe(200);
    expect(await response?.text()).not.toMatch(/<script/i);
    expect(complaints).toEqual([]);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.filter((url) => !url.startsWith(edge.url))).toEqual([]);
  });

  it("says what it is, to people, screen readers and search engines", async () => {
    const { page } = watched;
    await page.goto(edge.url);
    const headline = await page.getByRole("heading", { level: 1 }).textContent();
    expect(headline?.replace(/\s+/g, " ").trim()).toBe("One chat. One agent. Zero setup.");
    expect(await page.title()).toContain("openclaw-cloud");
    for (const name of ["description", "og:title", "og:description"]) {
      const meta = page.locator(`meta[name="${name}"], meta[property="${name}"]`);
      expect((await meta.getAttribute("content"))?.length, name).toBeGreaterThan(20);
    }
    for (const role of ["banner", "main", "contentinfo"] as const) expect(await page.getByRole(role).count()).toBe(1);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });

  it.each(["/", "/pricing"])("%s shows the plans exactly as the tier table has them", async (path) => {
    const { page } = watched;
    await page.goto(edge.url + path);
    expect(await page.locator("[data-plan]").count()).toBe(TIER_IDS.length);
    for (const id of TIER_IDS) {
      const tier = TIERS[id];
      const card = page.locator(`[data-plan=${id}]`);
      expect(await card.getByRole("heading").textContent()).toBe(tier.name);
      expect(await card.locator("[data-price]").textContent()).toBe(`$${tier.priceCents / 100}`);
      expect(await figures(card)).toMatchObject({
        "Tokens a month": tier.monthlyTokens.toLocaleString("en-US"),
        "Who may talk to it": tier.telegramUsers === 1 ? "1 person" : `up to ${tier.telegramUsers} people`,
        Connections: String(tier.connections),
        "Own system prompt": tier.ownSystemPrompt ? "yes" : "no",
        Memory: `${tier.memory.limitMi / 1024} GiB`,
        Processor: expect.stringMatching(new RegExp(`^up to ${tier.cpu.limitMilli / 1000} cores?$`)),
        Storage: `${tier.volumeGi} GiB`,
      });
    }
  });

  it("answers questions without script", async () => {
    const { page } = watched;
    await page.goto(edge.url);
    const answer = page.getByText("Your agent tells you in the chat");
    expect(await answer.isVisible()).toBe(false);
    await page.getByText("What happens when they are used up?").click();
    await answer.waitFor();
  });

  it("links only to places that exist", async () => {
    const { page } = watched;
    await page.goto(edge.url);
    const links = await page
      .locator("a[href^='/'], a[href^='#']")
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    for (const link of new Set(links)) {
      const response = await page.goto(link, { waitUntil: "commit" });
      // A jump inside the page that is shown has no response.
      expect(response?.status() ?? 200, link).toBe(200);
      const { hash } = new URL(link);
      if (hash) expect(await page.locator(hash).count(), link).toBe(1);
    }
  });

  it("says so where there is nothing", async () => {
    const { page } = watched;
    const response = await page.goto(`${edge.url}/no/such/page`);
    expect(response?.status()).toBe(404);
    await page.getByRole("link", { name: "Back to the start" }).click();
    expect(new URL(page.url()).pathname).toBe("/");
  });
});

describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
  it.each(["/", "/pricing", "/nowhere"])("%s fits a phone and a desk, and every text is readable", async (path) => {
    for (const width of [360, 1280]) {
      const { page, complaints, close } = await openPage(browser, { colorScheme, viewport: { width, height: 800 } });
      await page.goto(edge.url + path);
      await page.locator("details").evaluateAll((all) => all.forEach((one) => void one.setAttribute("open", "")));
      expect(await overflows(page), `${width} px`).toBe(false);
      expect(await contrastFailures(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await close();
    }
  });
});

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { launchChromium, openPage, type WatchedPage } from "./chromium.ts";
import { type FakeEdge, startFakeEdge } from "./fake-edge.ts";

export let browser: Browser;
/** Of the test that runs: an edge, and a page that knows nothing of it yet. */
export let edge: FakeEdge;
export let watched: WatchedPage;
export let page: Page;

/** Makes them for the tests of a file. */
export function setUpPages(): void {
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    edge = await startFakeEdge();
    watched = await openPage(browser);
    page = watched.page;
  });
  afterEach(async () => {
    await watched.close();
    await edge.close();
  });
}

/** Opens /admin with the operator's key, until the desk is there. */
export async function signIn(on: Page = page): Promise<void> {
  await on.goto(`${edge.url}/admin`);
  await on.getByLabel("Operator key", { exact: true }).fill(edge.key);
  await on.getByRole("button", { name: "Sign in" }).click();
  await on.getByRole("heading", { name: "Tokens" }).waitFor();
}

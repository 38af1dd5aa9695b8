import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** CHROMIUM_PATH, else the system's; undefined where there is none. */
export const chromiumPath = [process.env.CHROMIUM_PATH ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  existsSync,
);

export function launchChromium(): Promise<Browser> {
  if (!chromiumPath) throw new Error("there is no Chromium: install it, or name it in CHROMIUM_PATH");
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS });
}

export interface WatchedPage {
  page: Page;
  /** Console errors, uncaught exceptions and violations of the page's security policy. */
  complaints: string[];
  /** Every address that the page requested. */
  asked: string[];
  close(): Promise<void>;
}

/** A fresh profile with one page, whose doings are written down. A refused API call is no complaint: tests make some. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(10_000);
  // A violation that the page's code swallows (an eval in a try) causes only this event.
  await context.addInitScript(() =>
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`${event.violatedDirective} ${event.blockedURI}`),
    ),
  );
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => {
    const refused = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !refused) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => asked.push(request.url()));
  return { page, complaints, asked, close: () => context.close() };
}

/** Whether the page is wider than the window. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

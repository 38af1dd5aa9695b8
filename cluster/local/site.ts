import type { LocalConfig } from "./config.ts";
import { runTool } from "./run-tool.ts";

/** Builds the pages into `site/dist`, which the Worker serves. */
export function buildSite({ PUBLIC_TELEGRAM_BOT, PUBLIC_SITE_URL }: LocalConfig): Promise<void> {
  const env = { ASTRO_TELEMETRY_DISABLED: "1", PUBLIC_TELEGRAM_BOT, PUBLIC_SITE_URL };
  return runTool("the site", ["astro", "build", "--root", "site", "--silent"], env);
}

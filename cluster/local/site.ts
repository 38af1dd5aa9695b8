import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { childEnvironment, type LocalConfig } from "./config.ts";
import { REPOSITORY } from "./repository.ts";

/** Builds the pages into `site/dist`, which the Worker serves. */
export async function buildSite({ PUBLIC_TELEGRAM_BOT, PUBLIC_SITE_URL }: LocalConfig): Promise<void> {
  const env = {
    ...childEnvironment(),
    ASTRO_TELEMETRY_DISABLED: "1",
    ...(PUBLIC_TELEGRAM_BOT && { PUBLIC_TELEGRAM_BOT }),
    ...(PUBLIC_SITE_URL && { PUBLIC_SITE_URL }),
  };
  await promisify(execFile)(join(REPOSITORY, "node_modules/.bin/astro"), ["build", "--root", "site", "--silent"], {
    cwd: REPOSITORY,
    env,
  }).catch((error: { stderr?: string; stdout?: string }) => {
    throw new Error(`the site can't be built:\n${error.stderr || error.stdout}`, { cause: error });
  });
}

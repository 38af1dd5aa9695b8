import { Bot, GrammyError } from "grammy";
import { afterEach } from "vitest";
import { mount } from "../../http/mount.ts";
import { type Served, serve } from "../../http/serve.ts";
import { createTelegram, type TelegramOptions, type TelegramStandIn } from "../telegram.ts";

export const ADA = 1001;
export const ada = { userId: ADA, bot: "demo_agent_bot", timeoutMs: 5000 };

/** Starts stand-ins mounted below a name, as `npm start` does; the bot is grammy's, unchanged. Each ends with its test. */
export function setUpTelegram() {
  const open: { served: Served; telegram: TelegramStandIn; bot: Bot }[] = [];
  afterEach(async () => {
    for (const { served, telegram, bot } of open.splice(0)) {
      await bot.stop();
      await telegram.close();
      await served.close();
    }
  });

  async function start(options: TelegramOptions = {}) {
    const telegram = createTelegram(options);
    const served = await serve(mount({ telegram }).app);
    const apiRoot = `${served.url}/telegram`;
    const bot = new Bot(telegram.demo.bot.token, { client: { apiRoot } });
    open.push({ served, telegram, bot });
    const say = (text: string) => telegram.sendAsUser({ ...ada, text });
    return { telegram, bot, apiRoot, say };
  }

  /** Ada has pressed START, and the bot has taken that in. */
  async function started(options?: TelegramOptions) {
    const all = await start(options);
    all.say("/start");
    await all.bot.api.getUpdates({ offset: -1 });
    const [last] = await all.bot.api.getUpdates();
    await all.bot.api.getUpdates({ offset: (last?.update_id ?? 0) + 1 });
    return all;
  }

  return { start, started };
}

export async function failure(
  call: Promise<unknown>,
): Promise<{ code: number; description: string; retryAfter: number | undefined }> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GrammyError)) throw new Error("the call did not fail as it should", { cause: error });
  return { code: error.error_code, description: error.description, retryAfter: error.parameters.retry_after };
}

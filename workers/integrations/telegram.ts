/** The few calls that the edge makes to Telegram's Bot API. A token never reaches an error: the URL holds it. */
import * as z from "zod";
import { AppError } from "#schema/domain/errors.ts";
import type { Config } from "../config.ts";

const TIMEOUT_MS = 5_000;

const GetMe = z.object({
  ok: z.literal(true),
  result: z.object({ id: z.int(), is_bot: z.literal(true), username: z.string() }),
});

export interface Bot {
  id: number;
  username: string;
}

export interface Telegram {
  /** The bot that this token is for; undefined where Telegram refuses the token. Throws `upstream_unavailable`. */
  getMe(token: string): Promise<Bot | undefined>;
}

export function createTelegram(config: Pick<Config, "TELEGRAM_API_ROOT">): Telegram {
  return {
    getMe: async (token) => {
      const response = await ask(`${config.TELEGRAM_API_ROOT}/bot${token}/getMe`);
      // 404 is how Telegram answers a token that it can't even read.
      if (response.status === 401 || response.status === 404) return undefined;
      if (!response.ok) throw unavailable();
      const body = GetMe.safeParse(await response.json().catch(() => undefined));
      if (!body.success) throw unavailable();
      return { id: body.data.result.id, username: body.data.result.username };
    },
  };
}

async function ask(url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw unavailable();
  }
}

const unavailable = (): AppError =>
  new AppError("upstream_unavailable", "Telegram does not answer", { retryAfter: 10 });

import type { Context } from "../context.ts";
import type { Params } from "../params.ts";
import type { BotRecord } from "../world.ts";

/** One call of a bot: who calls, with what, and whether it still listens. */
export interface Call {
  ctx: Context;
  bot: BotRecord;
  params: Params;
  signal: AbortSignal;
}

/** Answers what Telegram answers as `result`. @throws ApiError */
export type Method = (call: Call) => unknown;
export type Methods = Record<string, Method>;

import { type FirstTurnModel, startFirstTurnModel, takeFirstTurn } from "./first-turn-model.ts";
import { log, messageOf } from "./log.ts";
import { type RehearsalBot, startRehearsalBot } from "./rehearsal-bot.ts";

/**
 * When the first turn, which is slow, is taken before anybody waits for it: only in a box without a bot (of the warm
 * pool), always, or never. In a box that has its bot, a person is waiting already: their own message is the first turn,
 * and an answer comes sooner without a rehearsal (docs/decisions/006-first-turn.md).
 */
export type WarmUpWhen = "without-bot" | "always" | "never";

export interface WarmUp {
  state(): "pending" | "done" | "failed" | "off";
  /** The model and bot in OpenClaw's configuration until the first turn is done. */
  model(): (Pick<FirstTurnModel, "baseUrl" | "key"> & { bot: RehearsalBot }) | null;
  /**
   * Takes the first turn, and with `channel` waits until the channel has asked the rehearsal's bot for messages; false when
   * another call has done or is doing it. A failure is only logged: the box works.
   */
  run(gatewayToken: string, channel: boolean): Promise<boolean>;
  /** Skips the rehearsal. */
  skip(): void;
  close(): void;
}

/** How long to wait for the channel, which starts beside the first turn. */
const CHANNEL_MS = 60_000;
/** How long to keep the bot's API after the rehearsal: the gateway drops this bot within a second. */
const BOT_STAYS_MS = 10_000;

export async function prepareWarmUp(enabled: boolean, gatewayPort: number): Promise<WarmUp> {
  const [model, bot] = enabled ? await Promise.all([startFirstTurnModel(), startRehearsalBot()]) : [null, null];
  const close = () => {
    model?.close();
    bot?.close();
  };
  let state: ReturnType<WarmUp["state"]> = enabled ? "pending" : "off";
  let begun = false;
  return {
    state: () => state,
    model: () => (state === "pending" && model && bot ? { ...model, bot } : null),
    async run(gatewayToken, channel) {
      if (begun || state !== "pending") return false;
      begun = true;
      const startedAt = Date.now();
      try {
        await Promise.all([takeFirstTurn(gatewayPort, gatewayToken), channel && bot ? within(bot.polled) : undefined]);
        state = "done";
        log("first_turn_done", { ms: Date.now() - startedAt });
      } catch (error) {
        state = "failed";
        log("first_turn_failed", { reason: messageOf(error) });
      }
      model?.close();
      setTimeout(close, BOT_STAYS_MS).unref();
      return true;
    },
    skip() {
      if (begun || state !== "pending") return;
      state = "off";
      close();
    },
    close,
  };
}

async function within(polled: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = setTimeout(() => reject(new Error("the channel did not start")), CHANNEL_MS);
  await Promise.race([polled, promise]).finally(() => clearTimeout(late));
}

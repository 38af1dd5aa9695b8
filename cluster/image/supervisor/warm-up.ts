import { type FirstTurnModel, startFirstTurnModel, takeFirstTurn } from "./first-turn-model.ts";
import { log, messageOf } from "./log.ts";

/**
 * When the first turn, which is slow, is taken before anybody waits for it: only in a box without a bot (of the warm
 * pool), always, or never. In a box that has its bot, a person is waiting already: their own message is the first turn,
 * and an answer comes sooner without a rehearsal (docs/decisions/006-first-turn.md).
 */
export type WarmUpWhen = "without-bot" | "always" | "never";

export interface WarmUp {
  state(): "pending" | "done" | "failed" | "off";
  /** The model to have in OpenClaw's configuration while the first turn is still to come. */
  model(): Pick<FirstTurnModel, "baseUrl" | "key"> | null;
  /** Takes the first turn; false when another call has done or is doing it. A failure is only logged: the box works. */
  run(gatewayToken: string): Promise<boolean>;
  /** There will be no first turn of ours. */
  skip(): void;
  close(): void;
}

export async function prepareWarmUp(enabled: boolean, gatewayPort: number): Promise<WarmUp> {
  const model = enabled ? await startFirstTurnModel() : null;
  let state: ReturnType<WarmUp["state"]> = enabled ? "pending" : "off";
  let begun = false;
  return {
    state: () => state,
    model: () => (state === "pending" ? model : null),
    async run(gatewayToken) {
      if (begun || state !== "pending") return false;
      begun = true;
      const startedAt = Date.now();
      try {
        await takeFirstTurn(gatewayPort, gatewayToken);
        state = "done";
        log("first_turn_done", { ms: Date.now() - startedAt });
      } catch (error) {
        state = "failed";
        log("first_turn_failed", { reason: messageOf(error) });
      }
      model?.close();
      return true;
    },
    skip() {
      if (begun || state !== "pending") return;
      state = "off";
      model?.close();
    },
    close: () => model?.close(),
  };
}

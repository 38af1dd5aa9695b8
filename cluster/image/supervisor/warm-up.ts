import { type FirstTurnModel, startFirstTurnModel, takeFirstTurn } from "./first-turn-model.ts";
import { log, messageOf } from "./log.ts";

export interface WarmUp {
  state(): "pending" | "done" | "failed" | "off";
  /** The model to have in OpenClaw's configuration while the first turn is still to come. */
  model(): Pick<FirstTurnModel, "baseUrl" | "key"> | null;
  /** Takes the first turn; false when another call has done or is doing it. A failure is only logged: the box works. */
  run(gatewayToken: string): Promise<boolean>;
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
    close: () => model?.close(),
  };
}

/** A meter of a test's own, on a clock and a ledger that the test moves. */
import { runInDurableObject } from "cloudflare:test";
import type { MeterSnapshot, ReserveAnswer, ReserveAsk, Usage } from "../contracts/meter.ts";
import {
  createFakeLedger,
  type FakeLedger,
  sampleAsk,
  sampleSnapshot,
} from "../objects/token-meter/testing/fake-ledger.ts";
import type { TokenMeter } from "../objects/token-meter.ts";
import { meters } from "./objects.ts";

// Far ahead, so that no alarm fires by itself.
export const START = Date.parse("2099-03-10T00:00:00Z");

export async function openMeter(over: Partial<MeterSnapshot> = {}) {
  const clock = { now: START };
  const ledger: FakeLedger = createFakeLedger(sampleSnapshot(over));
  const stub = meters.get(meters.idFromName(crypto.randomUUID()));
  /** What an eviction takes away: the instance, and with it the test's clock and ledger. */
  const attach = () =>
    runInDurableObject(stub, (meter: TokenMeter) => {
      meter.now = () => clock.now;
      meter.ledger = ledger;
    });
  await attach();

  const reserve = async (ask: Partial<ReserveAsk> = {}): Promise<ReserveAnswer> => await stub.reserve(sampleAsk(ask));

  async function granted(ask: Partial<ReserveAsk> = {}) {
    const answer = await reserve(ask);
    if (!answer.ok) throw new Error(`refused: ${answer.reason}`);
    return answer;
  }

  const settle = (reservationId: string, used: Usage | null) =>
    stub.settle({ reservationId, usage: used, outcome: "completed", estimated: false });

  const extend = (reservationId: string, wanted: number) => stub.extend({ reservationId, produced: 0, wanted });

  /** The customer's standing, as the next request gets it. */
  async function standing() {
    const { reservationId, standing } = await granted({ promptBytes: 0, maxOutput: 1 });
    await settle(reservationId, null);
    return { settled: standing.settled, reserved: standing.reserved - 1 };
  }

  return { clock, ledger, stub, attach, reserve, granted, settle, extend, standing };
}

export const usage = (inputTokens: number, outputTokens: number): Usage => ({
  inputTokens,
  cachedInputTokens: 0,
  outputTokens,
});

import type {
  AdmitAnswer,
  Caller,
  Cut,
  ExtendAnswer,
  ExtendAsk,
  Meter,
  ReserveAnswer,
  ReserveAsk,
  SettleAsk,
} from "../contracts/meter.ts";
import type { Objects } from "../env.ts";
import { sleep } from "../sleep.ts";
import { ProxyError } from "./proxy-error.ts";

const SETTLE_TRIES = 4;

export interface MeterClient {
  admit(caller: Caller): Promise<AdmitAnswer>;
  reserve(ask: ReserveAsk): Promise<ReserveAnswer>;
  /** Fails when the object is on the move: ask again. */
  extend(ask: ExtendAsk): Promise<ExtendAnswer>;
  /** Answers when the reservation's stream must end; fails when the object is on the move. */
  watch(reservationId: string): Promise<Cut>;
  settle(ask: SettleAsk): Promise<void>;
}

/** The customer's meter, called so that an object on the move is asked once more. Without an answer nothing passes. */
export function meterClient(meters: Objects<Meter>, customerId: string): MeterClient {
  let stub: Meter | undefined;
  async function ask<T>(question: (meter: Meter) => Promise<T>): Promise<T> {
    stub ??= meters.getByName(customerId);
    try {
      return await question(stub);
    } catch (error) {
      // A stub that has thrown is broken: the next try takes a new one.
      stub = undefined;
      throw error;
    }
  }
  return {
    admit: (caller) => twice(() => ask(async (meter) => await meter.admit(caller))),
    reserve: (request) => twice(() => ask(async (meter) => await meter.reserve(request))),
    extend: (request) => ask(async (meter) => await meter.extend(request)),
    watch: (reservationId) => ask(async (meter) => await meter.watch(reservationId)),
    /** Given up, the reservation's alarm books an estimate. */
    async settle(end) {
      for (let attempt = 1; attempt <= SETTLE_TRIES; attempt++) {
        try {
          await ask(async (meter) => await meter.settle(end));
          return;
        } catch {
          await sleep(100 * 3 ** attempt);
        }
      }
    },
  };
}

/** Both calls may come twice: the request's id makes the second the same as the first. */
async function twice<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch {
    return await call().catch(() => {
      throw new ProxyError("unavailable", "The service is restarting. Try again shortly.", { retryAfterMs: 1_000 });
    });
  }
}

/** A stream's right to go on: output is leased slice by slice beside the stream, and the meter may end it at any time. */
import type { Cut, Granted } from "../../contracts/meter.ts";
import { sleep } from "../../sleep.ts";
import type { StreamOutput } from "../dialects/stream-output.ts";
import type { MeterClient } from "../meter-client.ts";

/** More is asked for while so many leased tokens are left: the answer is there long before they are used. */
const LOW_WATER = 512;
const MIN_SLICE = 1_024;
const MAX_SLICE = 4_096;
/** A stream shorter than this needs nobody to watch it: revocation may take a second. */
const WATCH_AFTER_MS = 500;
const RETRY_MS = 250;
const TRIES = 8;

export interface StreamLease {
  /** To be called after each piece of output: asks for more in good time. */
  step(): void;
  /** There while the lease is used up and the meter has not answered: what is read meanwhile would not be covered. */
  pending(): Promise<void> | undefined;
  /** The lease is used up, and there is no more to be had. */
  spent(): boolean;
  /** The meter's word that the stream must end. */
  cut(): Cut | undefined;
  /** `end` is called once, when the meter gives that word; at once where it has been given. */
  onCut(end: () => void): void;
  /** Events that end a spent stream as if the model had reached its bound. */
  ending(): Uint8Array;
  /** Output to book where the provider never tells: never more than was leased. */
  output(): number;
  close(): void;
}

/** For an answer that is held in full. */
export const unleased: StreamLease = {
  step: () => undefined,
  pending: () => undefined,
  spent: () => false,
  cut: () => undefined,
  onCut: () => undefined,
  ending: () => new Uint8Array(),
  output: () => 0,
  close: () => undefined,
};

export interface StreamLeaseOptions {
  meter: Pick<MeterClient, "extend" | "watch">;
  granted: Pick<Granted, "reservationId" | "leasedTokens" | "maxOutputTokens">;
  output: Omit<StreamOutput, "brokenOff">;
  promptEstimate: number;
  /** The prompt's tokens, once the provider has told them. */
  input(): number | undefined;
  wantsUsage: boolean;
  watchAfterMs?: number;
}

export function createStreamLease(options: StreamLeaseOptions): StreamLease {
  const { meter, granted, output, input, watchAfterMs = WATCH_AFTER_MS } = options;
  const { reservationId, maxOutputTokens: most } = granted;
  let leased = granted.leasedTokens;
  let asking: Promise<void> | undefined;
  let denied = false;
  let cut: Cut | undefined;
  let closed = false;
  let onCut = (): void => undefined;

  const end = (why: Cut): void => {
    if (closed || cut) return;
    cut = why;
    onCut();
  };

  async function ask(): Promise<void> {
    const slice = Math.min(MAX_SLICE, Math.max(MIN_SLICE, leased / 2));
    const wanted = Math.ceil(Math.max(leased, output.upper()) + slice);
    const answer = await persist(
      () => meter.extend({ reservationId, produced: output.estimate(), wanted, inputTokens: input() }),
      () => closed,
    );
    asking = undefined;
    if (!answer?.ok) return end(answer?.cut ?? "over");
    denied = answer.leasedTokens <= leased;
    leased = answer.leasedTokens;
  }

  async function watch(): Promise<void> {
    const word = await persist(
      () => meter.watch(reservationId),
      () => closed,
      Number.POSITIVE_INFINITY,
    );
    if (word) end(word);
  }
  const timer = setTimeout(() => void watch(), watchAfterMs);

  /** Where all of it is leased, the provider's own bound ends the answer. */
  const isShort = (by: number): boolean => leased < most && !output.finished() && output.upper() + by >= leased;

  const counted = (): number => Math.min(output.estimate(), leased);

  return {
    step() {
      if (!asking && !cut && isShort(LOW_WATER) && !(denied && isShort(0))) asking = ask();
    },
    pending: () => (isShort(0) ? asking : undefined),
    spent: () => denied && isShort(0),
    cut: () => cut,
    onCut(listener) {
      onCut = listener;
      if (cut) listener();
    },
    ending: () =>
      output.ending({
        inputTokens: input() ?? options.promptEstimate,
        outputTokens: counted(),
        wanted: options.wantsUsage,
      }),
    output: counted,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Asks again while the meter does not answer (it may be on the move); undefined when given up or no longer needed. */
async function persist<T>(call: () => Promise<T>, over: () => boolean, tries = TRIES): Promise<T | undefined> {
  for (let attempt = 1; attempt <= tries && !over(); attempt++) {
    try {
      return await call();
    } catch {
      await sleep(RETRY_MS);
    }
  }
  return undefined;
}

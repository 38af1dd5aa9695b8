/**
 * The arithmetic of the monthly limit, without clock or storage.
 *
 * Invariant: settled + reserved ≤ limit after every hold, as long as no request uses more than was held for it.
 * Where a provider ignores `max_tokens`, settled may pass the limit by that excess, and the next hold is refused.
 */

/** One billing period of one customer, in tokens. `reserved` is the sum of the open reservations. */
export interface Account {
  limit: number;
  settled: number;
  reserved: number;
}

export interface Ask {
  /** UTF-8 bytes of the prompt (images at a fixed price). A byte-level tokeniser never makes more tokens than bytes. */
  promptBytes: number;
  /** Output tokens the request may produce. */
  maxOutput: number;
}

export type Hold = { ok: true; account: Account; held: number; maxOutput: number } | { ok: false; remaining: number };

/** Less output than this is not worth a request: then the allowance counts as spent. */
export const MIN_OUTPUT = 256;

/** From this share of the limit on, prompts are held at their sound upper bound. */
const EDGE = 0.9;

export const remaining = (account: Account): number => Math.max(0, account.limit - account.settled - account.reserved);

/** Holds tokens for a request, with less output than asked where only that fits. */
export function hold(account: Account, ask: Ask): Hold {
  const left = remaining(account);
  const prompt = promptUpper(account, ask.promptBytes);
  const maxOutput = Math.min(ask.maxOutput, left - prompt);
  if (maxOutput < Math.min(MIN_OUTPUT, ask.maxOutput)) return { ok: false, remaining: left };
  const held = prompt + maxOutput;
  return { ok: true, account: { ...account, reserved: account.reserved + held }, held, maxOutput };
}

/** Ends a reservation: what was held is free again, what was used is booked. */
export function resolve(account: Account, held: number, charged: number): Account {
  return { ...account, settled: account.settled + charged, reserved: account.reserved - held };
}

/** Half the bytes while that leaves room to be wrong (real prompts take about a quarter), every byte at the edge. */
export function promptUpper(account: Account, promptBytes: number): number {
  const atEdge = account.settled + account.reserved + promptBytes >= EDGE * account.limit;
  return atEdge ? promptBytes : Math.ceil(promptBytes / 2);
}

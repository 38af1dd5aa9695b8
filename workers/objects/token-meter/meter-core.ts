/**
 * The arithmetic of the monthly limit, without clock or storage.
 *
 * Invariant: settled + reserved ≤ limit after every hold and every extension. And settled ≤ limit after every
 * settlement, as long as no request uses more than its sound bound: a prompt makes at most as many tokens as bytes,
 * an answer at most what was leased. Where a provider ignores `max_tokens`, settled may pass the limit by that
 * excess; in the last stretch (see `hold`) by one prompt's error. The next hold is then refused.
 */

/** One billing period of one customer, in tokens. `reserved` and `risk` are sums over the open reservations. */
export interface Account {
  limit: number;
  settled: number;
  reserved: number;
  /** How much more than held the open prompts would take at their sound bounds. */
  risk: number;
  /** Open reservations. */
  open: number;
}

export interface Ask {
  /** UTF-8 bytes of the prompt (images at a fixed price). A byte-level tokeniser never makes more tokens than bytes. */
  promptBytes: number;
  /** What the prompt will probably take. */
  promptEstimate: number;
  /** Output tokens the request may produce. */
  maxOutput: number;
  /** Its output can be stopped at any moment, so that it may be leased in slices. */
  sliced: boolean;
}

export type Hold =
  | { ok: true; account: Account; held: number; risk: number; lease: number; maxOutput: number }
  /** `busy`: it would fit if the open reservations turned out small; else the allowance counts as spent. */
  | { ok: false; busy: boolean };

/** Less output than this is not worth a request: then the allowance counts as spent. */
export const MIN_OUTPUT = 256;

/** Output tokens leased at a time while a stream flows; most answers of a chat never need a second slice. */
export const SLICE = 1_024;

/** From this share of the limit on, the customer is warned. */
export const WARN_AT = 0.9;

/** A prompt is held at its estimate and half as much again; docs/decisions/007-slices-and-estimates.md has the measurement. */
const PROMPT_MARGIN = 1.5;

export const remaining = ({ limit, settled, reserved }: Account): number => Math.max(0, limit - settled - reserved);

/** What may still be given without a risk of passing the limit. */
const sound = (account: Account): number => Math.max(0, remaining(account) - account.risk);

/**
 * Holds tokens for a request, with less output than asked where only that fits. It must fit at its sound bound,
 * beside all others at theirs. Where it does not, one request at a time may pass at its estimate: that is the last
 * stretch of a plan, which bytes alone would leave unused.
 */
export function hold(account: Account, ask: Ask): Hold {
  const prompt = heldPrompt(ask);
  const least = Math.min(MIN_OUTPUT, ask.maxOutput);
  const fits = sound(account) - ask.promptBytes;
  const alone = account.open === 0 ? remaining(account) - prompt : Number.NEGATIVE_INFINITY;
  const room = fits >= least ? fits : alone;
  if (room < least) return { ok: false, busy: account.limit - account.settled >= prompt + least };
  const maxOutput = Math.min(ask.maxOutput, remaining(account) - prompt);
  const lease = Math.min(room, ask.sliced ? Math.min(SLICE, maxOutput) : maxOutput);
  const held = prompt + lease;
  const risk = ask.promptBytes - prompt;
  return {
    ok: true,
    account: {
      ...account,
      reserved: account.reserved + held,
      risk: account.risk + risk,
      open: account.open + 1,
    },
    held,
    risk,
    lease,
    maxOutput: ask.sliced ? maxOutput : lease,
  };
}

/** Leases up to `more` further tokens to an open reservation; how many. */
export function extend(account: Account, more: number): number {
  const room = account.open === 1 ? remaining(account) : sound(account);
  return Math.max(0, Math.min(more, room));
}

/** Never more than the sound bound. */
export function heldPrompt({ promptBytes, promptEstimate }: Pick<Ask, "promptBytes" | "promptEstimate">): number {
  return Math.min(promptBytes, Math.ceil(promptEstimate * PROMPT_MARGIN));
}

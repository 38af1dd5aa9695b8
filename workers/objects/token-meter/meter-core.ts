/**
 * The arithmetic of the quota, without clock or storage.
 *
 * Invariant: settled + reserved ≤ limit after every hold and every extension. And settled ≤ limit after every
 * settlement, as long as no request exceeds its upper bound: a prompt makes at most as many tokens as bytes,
 * an answer at most what was leased. If a provider ignores `max_tokens`, settled may exceed the limit by that
 * excess; near the limit (see `hold`) by the error of one prompt's estimate. The next hold is then refused.
 */

/** One billing period of one customer, in tokens. `reserved` and `risk` are sums over the open reservations. */
export interface Account {
  limit: number;
  settled: number;
  reserved: number;
  /** How much more than reserved the open prompts could take at most. */
  risk: number;
  /** Open reservations. */
  open: number;
}

export interface Ask {
  /** UTF-8 bytes of the prompt (images at a fixed price). A byte-level tokeniser never makes more tokens than bytes. */
  promptBytes: number;
  /** The prompt's estimated tokens. */
  promptEstimate: number;
  /** Output tokens the request may produce. */
  maxOutput: number;
  /** Its output can be ended at any moment, so it may be leased in slices. */
  sliced: boolean;
}

export type Hold =
  | { ok: true; account: Account; held: number; risk: number; lease: number; maxOutput: number }
  /** `busy`: it would fit if the open reservations turned out small; otherwise the quota counts as used up. */
  | { ok: false; busy: boolean };

/** If less output than this is left, the quota counts as used up. */
export const MIN_OUTPUT = 256;

/** Output tokens leased at a time during a stream; most chat answers never need a second slice. */
export const SLICE = 1_024;

/** From this share of the quota on, the customer is warned. */
export const WARN_AT = 0.9;

/** A prompt's reservation is its estimate plus half of it; docs/decisions/007-slices-and-estimates.md has the measurement. */
const PROMPT_MARGIN = 1.5;

export const remaining = ({ limit, settled, reserved }: Account): number => Math.max(0, limit - settled - reserved);

/** What can be reserved without any risk of exceeding the quota. */
const sound = (account: Account): number => Math.max(0, remaining(account) - account.risk);

/**
 * Reserves tokens for a request, with less output than asked if only that fits. It must fit at its upper bound,
 * beside all others at theirs. If it does not, one request at a time may pass at its estimate: this uses the end
 * of a quota, which the upper bounds would leave unused.
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

/** Never more than the upper bound. */
export function heldPrompt({ promptBytes, promptEstimate }: Pick<Ask, "promptBytes" | "promptEstimate">): number {
  return Math.min(promptBytes, Math.ceil(promptEstimate * PROMPT_MARGIN));
}

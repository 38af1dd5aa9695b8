/** Stops asking a provider that does not answer: for a while nobody, then one request to see. */

export interface BreakerOptions {
  /** So many failures in a row open it. */
  failures: number;
  /** Milliseconds it stays open the first time; twice as long each time that the look finds it dead. */
  openMs: number;
  longestMs: number;
}

export const BREAKER: BreakerOptions = { failures: 5, openMs: 5_000, longestMs: 60_000 };

export interface Breaker {
  /** 0 where a request may go; else milliseconds until the next look. A 0 must be followed by `note`. */
  wait(now: number): number;
  /** How it went. `undefined` says nothing of the provider's health. */
  note(alive: boolean | undefined, now: number): void;
}

export function createBreaker(options: BreakerOptions = BREAKER): Breaker {
  let failed = 0;
  let openUntil = 0;
  let openMs = options.openMs;
  let looking = false;

  return {
    wait(now) {
      if (failed < options.failures) return 0;
      if (now < openUntil) return openUntil - now;
      if (looking) return options.openMs;
      looking = true;
      return 0;
    },
    note(alive, now) {
      const wasLook = looking;
      looking = false;
      if (alive === undefined) return;
      failed = alive ? 0 : failed + 1;
      if (alive) openMs = options.openMs;
      if (failed < options.failures) return;
      // What was under way when it opened fails too: that is no second look.
      if (failed > options.failures && wasLook) openMs = Math.min(2 * openMs, options.longestMs);
      if (failed === options.failures || wasLook) openUntil = now + openMs;
    },
  };
}

const breakers = new WeakMap<object, Breaker>();

/** The provider's breaker in this isolate: what one request has learnt, the next ones here know. */
export function breakerOf(provider: object): Breaker {
  const known = breakers.get(provider);
  if (known) return known;
  const made = createBreaker();
  breakers.set(provider, made);
  return made;
}

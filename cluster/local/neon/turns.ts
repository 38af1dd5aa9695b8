/** Lets one holder at a time have something, in the order of asking. */
export class Turns {
  readonly #timeoutMs: number;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** @param timeoutMs how long one waits at most */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** False when the wait was too long; the turn isn't had then. */
  take(): Promise<boolean> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const grant = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(grant), 1);
        resolve(false);
      }, this.#timeoutMs);
      this.#waiting.push(grant);
    });
  }

  pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}

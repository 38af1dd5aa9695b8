/** A round that failed, in a person's words. */
export interface Failure {
  round: string;
  why: string;
}

/** So many failures in one stage, and the rest of it would only fail, too. */
const GIVE_UP_AFTER = 3;

/** Runs rounds one by one; a failure is printed and kept, and the next round begins. */
export class Rounds {
  readonly failures: Failure[] = [];

  async run(stage: string, count: number, round: (name: string, index: number) => Promise<void>): Promise<void> {
    const before = this.failures.length;
    for (let index = 0; index < count; index++) {
      const name = `${stage} ${index + 1}/${count}`;
      await this.tried(name, () => round(name, index));
      if (this.failures.length - before < GIVE_UP_AFTER) continue;
      return this.#keep(stage, `given up after ${index + 1} of ${count} rounds: too much has failed`);
    }
  }

  /** Undefined where it failed. */
  async tried<T>(name: string, doing: () => Promise<T>): Promise<T | undefined> {
    try {
      return await doing();
    } catch (error) {
      this.#keep(name, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #keep(round: string, why: string): void {
    this.failures.push({ round, why });
    console.log(`${round} FAILED: ${why}`);
  }
}

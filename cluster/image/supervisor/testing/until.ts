import { setTimeout as delay } from "node:timers/promises";

/** Waits for a condition; the test's own time limit ends a wait in vain. */
export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await delay(10);
  }
}

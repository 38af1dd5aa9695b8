/** Tells a provider that is slow from one that is dead, while an answer's headers are waited for. */
import type { Timeouts } from "./timeouts.ts";

/**
 * Calls `dead` once the address has given no answer of any kind to a small request beside the large one. A model may
 * think for a minute before its first byte; the server in front of it answers at once, if only with a 401. Returns
 * what ends this.
 */
export function watchLiveness(
  url: string,
  { askAfter, signOfLife }: Pick<Timeouts, "askAfter" | "signOfLife">,
  dead: () => void,
): () => void {
  let over = false;
  let wait = askAfter;
  const ask = async (): Promise<void> => {
    const alive = await answers(url, signOfLife);
    if (over) return;
    if (!alive) return dead();
    wait *= 2;
    timer = setTimeout(ask, wait);
  };
  let timer = setTimeout(ask, wait);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/** Without our key: who answers need not know it. */
async function answers(url: string, withinMs: number): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(withinMs) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

import { sleep } from "#cluster/system/retry.ts";

/** Wakes a waiting loop; a ring between two waits is not lost. */
export interface Bell {
  ring(): void;
  /** Resolves when it has rung since the last wait, after `ms`, or when `signal` aborts. One waits at a time. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    wait: async (ms, signal) => {
      const over = new AbortController();
      wake = () => over.abort();
      if (!rung) await sleep(ms, AbortSignal.any([signal, over.signal])).catch(() => undefined);
      wake = undefined;
      rung = false;
    },
  };
}

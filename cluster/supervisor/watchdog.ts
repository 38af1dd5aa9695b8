export interface WatchdogLimits {
  /** How long a gateway may be silent after its first answer. */
  silentMs: number;
  /** How long the first answer may take: minutes on a busy node. */
  startMs: number;
}

const LIMITS: WatchdogLimits = { silentMs: 120_000, startMs: 300_000 };

interface Watched {
  running: boolean;
  startedAt: number;
}

/** Decides from the probes whether the gateway hangs: its process runs, but its HTTP server is silent. */
export function createWatchdog(limits: WatchdogLimits = LIMITS, now: () => number = Date.now) {
  let lastLiveAt = 0;
  return function isStuck(gateway: Watched, live: boolean): boolean {
    if (live) lastLiveAt = now();
    if (live || !gateway.running) return false;
    const answered = lastLiveAt >= gateway.startedAt;
    return answered ? now() - lastLiveAt > limits.silentMs : now() - gateway.startedAt > limits.startMs;
  };
}

export interface WatchdogLimits {
  /** How long a gateway that has answered may be silent. */
  silentMs: number;
  /** How long one may take to answer for the first time: a first start on a busy node was seen to take minutes. */
  startMs: number;
}

const LIMITS: WatchdogLimits = { silentMs: 120_000, startMs: 300_000 };

interface Watched {
  running: boolean;
  startedAt: number;
}

/** Tells from one probe to the next whether the gateway hangs: its process is there, its HTTP server is silent. */
export function createWatchdog(limits: WatchdogLimits = LIMITS, now: () => number = Date.now) {
  let lastLiveAt = 0;
  return function isStuck(gateway: Watched, live: boolean): boolean {
    if (live) lastLiveAt = now();
    if (live || !gateway.running) return false;
    const answered = lastLiveAt >= gateway.startedAt;
    return answered ? now() - lastLiveAt > limits.silentMs : now() - gateway.startedAt > limits.startMs;
  };
}

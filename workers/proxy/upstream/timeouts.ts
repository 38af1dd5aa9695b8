/** How long the proxy waits, in milliseconds. */
export interface Timeouts {
  /** Until a stream's status and headers are there. */
  firstByte: number;
  /** A provider that has sent no headers for so long is asked for a sign of life, and again after twice as long: see liveness.ts. */
  askAfter: number;
  /** So long it has for that sign: any answer at all is one. */
  signOfLife: number;
  /** Until a whole, unstreamed answer is there, and the longest a stream may last. */
  total: number;
  /** Between two chunks of a stream. */
  idle: number;
  /** Silence after which a stream's client gets a sign of life. Looked at five times as often: 12 s at most. */
  keepalive: number;
  /** Reading on for the usage after the client has left: Cloudflare ends a Worker 30 s after that. */
  drain: number;
  /** Before the second try, at most; half of it at least. */
  backoff: number;
}

/** For an agent whose owner waits. OpenClaw gives up after two minutes without a word: both together stay below that. */
export const OWNERS_TIMEOUTS = { firstByte: 50_000, idle: 60_000 };

export const TIMEOUTS: Timeouts = {
  firstByte: 90_000,
  askAfter: 5_000,
  signOfLife: 3_000,
  total: 600_000,
  idle: 120_000,
  keepalive: 10_000,
  drain: 25_000,
  backoff: 400,
};

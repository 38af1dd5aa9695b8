/** How long the proxy waits, in milliseconds. */
export interface Timeouts {
  /** Until a stream's status and headers are there. */
  firstByte: number;
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

export const TIMEOUTS: Timeouts = {
  firstByte: 90_000,
  total: 600_000,
  idle: 120_000,
  keepalive: 10_000,
  drain: 25_000,
  backoff: 400,
};

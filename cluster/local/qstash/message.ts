/** A stored message. Values are replaced, never changed in place. Times: milliseconds since 1970. */
export interface Message {
  messageId: string;
  /** Exactly as it was published: the signature names it. */
  url: string;
  /** JSON. */
  body: string;
  /** Attempts after the first, at most. */
  retries: number;
  /** `min(60000, pow(2, retried) * 1000)`; absent: QStash's own backoff. */
  retryDelay?: string | undefined;
  failureCallback?: string | undefined;
  deduplicationId?: string | undefined;
  createdAt: number;
  /** Not delivered before this time. */
  dueAt: number;
  /** Attempts after the first, so far. */
  retried: number;
  state: "waiting" | "delivered" | "failed";
  /** The last attempt's outcome, as text. */
  lastOutcome?: string | undefined;
}

/** The destination's answer, or why there is none (then `status` is 0). */
export interface Outcome {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type Wanted = Pick<Message, "url" | "body" | "retries"> & Partial<Message>;

/** Due at once by default. */
export function newMessage(wanted: Wanted, now: number): Message {
  const messageId = `msg_${crypto.randomUUID()}`;
  return { messageId, createdAt: now, dueAt: now, retried: 0, state: "waiting", ...wanted };
}

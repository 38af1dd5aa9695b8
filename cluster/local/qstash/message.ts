/** What the stand-in keeps of a message. Values are replaced, never changed in place. */
export interface Settings {
  method: string;
  /** Content-Type and the `Upstash-Forward-*` headers, as they go to the destination. */
  header: Record<string, string[]>;
  retries: number;
  retryDelay?: string | undefined;
  delayMs: number;
  /** Milliseconds since the epoch; wins over `delayMs`. */
  notBefore?: number | undefined;
  timeoutMs: number;
  callback?: CallbackTarget | undefined;
  failureCallback?: CallbackTarget | undefined;
  flowControl?: FlowControlValue | undefined;
  labels: string[];
  /** `body`, `header` or `header[name]`: hidden in every answer of the API, sent to the destination unchanged. */
  redact: string[];
}

export interface CallbackTarget {
  url: string;
  settings: Settings;
}

export interface FlowControlValue {
  key: string;
  parallelism?: number | undefined;
  rate?: number | undefined;
  periodSeconds: number;
}

export interface Message {
  messageId: string;
  url: string;
  topicName?: string | undefined;
  endpointName?: string | undefined;
  bodyBase64: string;
  settings: Settings;
  createdAt: number;
  notBefore: number;
  queueName?: string | undefined;
  scheduleId?: string | undefined;
  callerIp: string;
  /** Deliveries beyond the first that were tried so far. */
  retried: number;
  /** Not delivered before this time. */
  dueAt: number;
  /** A callback of this message: its queue's next message waits until this one is through. */
  source?: { messageId: string; queueName: string } | undefined;
}

/** What the destination said, or why it said nothing (then `status` is 0). */
export interface Outcome {
  status: number;
  header: Record<string, string[]>;
  bodyBase64: string;
  error?: string | undefined;
}

export interface DeadMessage {
  dlqId: string;
  message: Message;
  outcome: Outcome;
  failedAt: number;
}

export interface Queue {
  name: string;
  parallelism: number;
  paused: boolean;
  createdAt: number;
  updatedAt: number;
}

export interface Schedule {
  scheduleId: string;
  cron: string;
  destination: string;
  settings: Settings;
  bodyBase64: string;
  queueName?: string | undefined;
  callerIp: string;
  createdAt: number;
  isPaused: boolean;
  nextScheduleTime: number;
  lastScheduleTime?: number | undefined;
}

export interface UrlGroup {
  name: string;
  createdAt: number;
  updatedAt: number;
  endpoints: { url: string; name?: string | undefined }[];
}

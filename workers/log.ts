/** One wide JSON line a request, alarm or sweep. Only the fields below can be written: no bodies, headers or tokens. */

/** What a line may hold, each by its type. */
const FIELDS = {
  route: String,
  method: String,
  status: Number,
  actor: String,
  customer_id: String,
  box_id: String,
  job_id: String,
  job_type: String,
  cluster_id: String,
  rollout_id: String,
  backup_id: String,
  tier: String,
  token_id: String,
  attempt: Number,
  fence: Number,
  outcome: String,
  /** Which part of the minute's sweep; and how many items, or whole parts, failed in it. */
  sweep: String,
  failed: Number,
  /** Items, and sweeps, that had to wait for the next minute. */
  postponed: Number,
  reason: String,
  model: String,
  stream: Boolean,
  input_tokens: Number,
  cached_input_tokens: Number,
  output_tokens: Number,
  /** The provider's figures are missing, and ours were charged. */
  estimated: Boolean,
  /** Time until the meter had decided. */
  meter_ms: Number,
  /** From the request's arrival to the provider's response headers. */
  first_byte_ms: Number,
  /** The provider that answered, and the number of attempts. */
  provider: String,
  attempts: Number,
  upstream_status: Number,
  /** How long a provider's outage lasted. */
  outage_seconds: Number,
  count: Number,
  /** A ledger mismatch: the period, and each side's sums. */
  period_start: String,
  events_tokens: Number,
  monthly_tokens: Number,
  meter_tokens: Number,
  events_requests: Number,
  monthly_requests: Number,
  error_name: String,
  error_code: String,
  error_constraint: String,
  /** Stack frames without the message, which may hold a caller's input. */
  error_at: String,
};

export type LogFields = { [Name in keyof typeof FIELDS]?: ReturnType<(typeof FIELDS)[Name]> };

export interface Log {
  /** Adds fields to the line; the last value of a field wins. */
  set(fields: LogFields): void;
  /** Adds what may be logged of an error: its class, its code, where it was thrown. */
  error(error: unknown): void;
  /** Delays the line until this resolves, because a stream's figures come after its answer. It must not reject. */
  until(work: Promise<unknown>): void;
  /** Gets the line's fields when it is written. */
  also(see: (line: LogLine) => void): void;
  /** Writes the line. */
  emit(level?: "info" | "warn" | "error"): void;
}

export interface LogLine extends LogFields {
  ms: number;
}

export function createLog(kind: string, requestId: string, write: (line: string) => void = console.log): Log {
  const startedAt = Date.now();
  const fields: Record<string, unknown> = {};
  const watchers: ((line: LogLine) => void)[] = [];
  let pending: Promise<unknown> | undefined;
  const set = (more: LogFields): void => {
    for (const [name, value] of Object.entries(more)) if (Object.hasOwn(FIELDS, name)) fields[name] = value;
  };
  return {
    set,
    error: (error) => set(describeError(error)),
    until: (work) => {
      pending = work;
    },
    also: (see) => void watchers.push(see),
    emit: (level) => {
      if (pending) void pending.then(() => writeLine(level));
      else writeLine(level);
    },
  };

  function writeLine(level = fields.error_name === undefined ? "info" : "error"): void {
    const ms = Date.now() - startedAt;
    write(JSON.stringify({ at: new Date().toISOString(), level, kind, request_id: requestId, ms, ...fields }));
    for (const see of watchers) see({ ms, ...fields });
  }
}

/** A line of its own for an error that nobody is answered with. */
export function logError(
  kind: string,
  requestId: string,
  error: unknown,
  fields: LogFields,
  level: "warn" | "error" = "error",
): void {
  const log = createLog(kind, requestId);
  log.set(fields);
  log.error(error);
  log.emit(level);
}

/** The class, code and frames of the innermost cause. A ConfigError's message is ours and safe to show. */
export function describeError(error: unknown): LogFields {
  const root = rootOf(error);
  if (!(root instanceof Error)) return { error_name: typeof root };
  const fields: LogFields = { error_name: root.name, error_at: framesOf(root) };
  if ("code" in root && typeof root.code === "string") fields.error_code = root.code;
  if ("constraint" in root && typeof root.constraint === "string") fields.error_constraint = root.constraint;
  if (root.name === "ConfigError") fields.reason = root.message;
  return fields;
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

function framesOf(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 4).join(" ").replace(/\s+/g, " ").trim();
}

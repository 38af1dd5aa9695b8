/** One wide JSON line a request, alarm or sweep. Only the fields below can be written: no bodies, headers or tokens. */

export interface LogFields {
  route?: string;
  method?: string;
  status?: number;
  actor?: string;
  customer_id?: string;
  box_id?: string;
  job_id?: string;
  job_type?: string;
  cluster_id?: string;
  rollout_id?: string;
  backup_id?: string;
  tier?: string;
  token_id?: string;
  attempt?: number;
  fence?: number;
  outcome?: string;
  /** Which part of the minute's sweep; and how many items, or whole parts, failed in it. */
  sweep?: string;
  failed?: number;
  /** Items, and sweeps, that had to wait for the next minute. */
  postponed?: number;
  reason?: string;
  model?: string;
  stream?: boolean;
  input_tokens?: number;
  cached_input_tokens?: number;
  output_tokens?: number;
  /** The provider's figures are missing, and ours were charged. */
  estimated?: boolean;
  /** Time until the meter had decided. */
  meter_ms?: number;
  /** From the request's arrival to the provider's response headers. */
  first_byte_ms?: number;
  /** The provider that answered, and the number of attempts. */
  provider?: string;
  attempts?: number;
  upstream_status?: number;
  count?: number;
  /** A ledger mismatch: the period, and each side's sums. */
  period_start?: string;
  events_tokens?: number;
  monthly_tokens?: number;
  meter_tokens?: number;
  events_requests?: number;
  monthly_requests?: number;
  error_name?: string;
  error_code?: string;
  error_constraint?: string;
  /** Stack frames without the message, which may hold a caller's input. */
  error_at?: string;
}

const ALLOWED: ReadonlySet<string> = new Set<keyof LogFields>([
  "route",
  "method",
  "status",
  "actor",
  "customer_id",
  "box_id",
  "job_id",
  "job_type",
  "cluster_id",
  "rollout_id",
  "backup_id",
  "tier",
  "token_id",
  "attempt",
  "fence",
  "outcome",
  "sweep",
  "failed",
  "postponed",
  "reason",
  "model",
  "stream",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "estimated",
  "meter_ms",
  "first_byte_ms",
  "provider",
  "attempts",
  "upstream_status",
  "count",
  "period_start",
  "events_tokens",
  "monthly_tokens",
  "meter_tokens",
  "events_requests",
  "monthly_requests",
  "error_name",
  "error_code",
  "error_constraint",
  "error_at",
]);

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
    for (const [name, value] of Object.entries(more)) if (ALLOWED.has(name)) fields[name] = value;
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

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
  token_id?: string;
  attempt?: number;
  fence?: number;
  outcome?: string;
  reason?: string;
  model?: string;
  input_tokens?: number;
  output_tokens?: number;
  first_byte_ms?: number;
  upstream_status?: number;
  count?: number;
  error_name?: string;
  error_code?: string;
  error_constraint?: string;
  /** Stack frames without the message: an error's words may hold what a caller sent. */
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
  "token_id",
  "attempt",
  "fence",
  "outcome",
  "reason",
  "model",
  "input_tokens",
  "output_tokens",
  "first_byte_ms",
  "upstream_status",
  "count",
  "error_name",
  "error_code",
  "error_constraint",
  "error_at",
]);

export interface Log {
  /** Adds fields to the line; the last value of a field wins. */
  set(fields: LogFields): void;
  /** Adds what may be known of an error: its class, its code, where it was thrown. */
  error(error: unknown): void;
  /** Writes the line. */
  emit(level?: "info" | "warn" | "error"): void;
}

export function createLog(kind: string, requestId: string, write: (line: string) => void = console.log): Log {
  const startedAt = Date.now();
  const fields: Record<string, unknown> = {};
  const set = (more: LogFields): void => {
    for (const [name, value] of Object.entries(more)) if (ALLOWED.has(name)) fields[name] = value;
  };
  return {
    set,
    error: (error) => set(describeError(error)),
    emit: (level = fields.error_name === undefined ? "info" : "error") => {
      const head = { at: new Date().toISOString(), level, kind, request_id: requestId };
      write(JSON.stringify({ ...head, ms: Date.now() - startedAt, ...fields }));
    },
  };
}

/** The class, code and frames of the innermost cause. A ConfigError's words are ours and safe to show. */
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

/** Classifies what the database's driver throws. */
export interface PostgresError {
  code: string;
  constraint?: string | undefined;
}

/** PostgreSQL's error fields, wherever they are in the chain of causes. */
export function postgresError(error: unknown): PostgresError | undefined {
  for (const cause of causes(error)) {
    if ("code" in cause && typeof cause.code === "string" && /^[0-9A-Z]{5}$/.test(cause.code)) {
      const constraint = "constraint" in cause && typeof cause.constraint === "string" ? cause.constraint : undefined;
      return { code: cause.code, constraint };
    }
  }
  return undefined;
}

/** No connection, or an answer that began and did not end in time; the driver doesn't wrap the latter. */
const NO_ANSWER: ReadonlySet<string> = new Set(["NeonDbError", "TimeoutError"]);

export function isUnreachable(error: unknown): boolean {
  return causes(error).some((cause) => NO_ANSWER.has(cause.name));
}

function causes(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

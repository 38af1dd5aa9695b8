/** What the database's driver throws, told apart. */
export interface PostgresError {
  code: string;
  constraint?: string | undefined;
}

/** PostgreSQL's own fields, wherever in the chain of causes they are. */
export function postgresError(error: unknown): PostgresError | undefined {
  for (const cause of causes(error)) {
    if ("code" in cause && typeof cause.code === "string" && /^[0-9A-Z]{5}$/.test(cause.code)) {
      const constraint = "constraint" in cause && typeof cause.constraint === "string" ? cause.constraint : undefined;
      return { code: cause.code, constraint };
    }
  }
  return undefined;
}

/** No connection; or an answer that began and did not end in time, which the driver leaves as it is. */
const NO_ANSWER: ReadonlySet<string> = new Set(["NeonDbError", "TimeoutError"]);

export function isUnreachable(error: unknown): boolean {
  return causes(error).some((cause) => NO_ANSWER.has(cause.name));
}

function causes(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

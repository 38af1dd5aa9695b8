const ISOLATION_LEVELS = new Map([
  ["Serializable", "serializable"],
  ["ReadUncommitted", "read uncommitted"],
  ["ReadCommitted", "read committed"],
  ["RepeatableRead", "repeatable read"],
]);

/**
 * What follows `begin` for the headers of a batch. As with Neon, anything but `true` is false.
 * @throws Error for a level that PostgreSQL doesn't have
 */
export function transactionMode(header: (name: string) => string | undefined): string {
  const level = header("neon-batch-isolation-level");
  const isolation = level === undefined ? undefined : ISOLATION_LEVELS.get(level);
  if (level !== undefined && isolation === undefined) throw new Error("invalid isolation level");
  const modes = [
    isolation && `isolation level ${isolation}`,
    header("neon-batch-read-only") === "true" && "read only",
    header("neon-batch-deferrable") === "true" && "deferrable",
  ];
  return modes.filter(Boolean).join(", ");
}

/** One connection to PostgreSQL, as `pg` has it: what is set in it and locked by it lasts until it ends. */
export interface Session {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

/** Runs the work in a transaction. */
export async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.query("begin");
  try {
    const result = await work();
    await session.query("commit");
    return result;
  } catch (error) {
    // A connection that broke can't roll back, and needn't.
    await session.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** One connection to PostgreSQL by `pg`; its settings and locks last until it ends. */
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
    // A broken connection needs no rollback.
    await session.query("rollback").catch(() => undefined);
    throw error;
  }
}

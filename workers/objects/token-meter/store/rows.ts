/** A small interface to the object's SQLite. */
export type Row = Record<string, SqlStorageValue>;

export interface Rows {
  all(query: string, ...values: SqlStorageValue[]): Row[];
  /** The column `n` of the only row. */
  number(query: string, ...values: SqlStorageValue[]): number | undefined;
  run(query: string, ...values: SqlStorageValue[]): void;
  /** A transaction; outside of one, each statement is atomic. */
  together(writes: () => void): void;
}

export function openRows(storage: Pick<DurableObjectStorage, "sql" | "transactionSync">): Rows {
  const { sql } = storage;
  const all = (query: string, ...values: SqlStorageValue[]): Row[] => sql.exec(query, ...values).toArray();
  return {
    all,
    number(query, ...values) {
      const value = all(query, ...values)[0]?.n;
      return typeof value === "number" ? value : undefined;
    },
    run: (query, ...values) => void sql.exec(query, ...values),
    together: (writes) => storage.transactionSync(writes),
  };
}

/** JSON that this object wrote itself. */
export function parseOwn<T>(body: SqlStorageValue | undefined): T {
  return JSON.parse(String(body)) as T;
}

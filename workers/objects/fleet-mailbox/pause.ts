/** Whether a mailbox grants jobs: an operator may pause a cluster. Survives an eviction. Times are ms. */
export function createPause(sql: SqlStorage) {
  sql.exec("create table if not exists pause (since integer not null) strict");
  return {
    /** Undefined while jobs are granted. */
    since(): number | undefined {
      const [row] = sql.exec("select since from pause limit 1").toArray();
      return row && Number(row.since);
    },
    /** A second call changes nothing. */
    begin(now: number): void {
      sql.exec("insert into pause (since) select ? where not exists (select 1 from pause)", now);
    },
    end(): void {
      sql.exec("delete from pause");
    },
  };
}

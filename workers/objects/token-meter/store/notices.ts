import type { Notice } from "../../../contracts/meter.ts";
import { parseOwn, type Rows } from "./rows.ts";

/** One notice a period, announced once. */
export function openNotices(rows: Rows) {
  const noticed = new Map<number, { announced: boolean }>();
  for (const row of rows.all("select period_start, told from notices")) {
    noticed.set(Number(row.period_start), { announced: row.told === 1 });
  }
  return {
    /** Does nothing if the period has its notice already. */
    add(notice: Notice): void {
      if (noticed.has(notice.periodStart)) return;
      rows.run("insert into notices (period_start, body) values (?, ?)", notice.periodStart, JSON.stringify(notice));
      noticed.set(notice.periodStart, { announced: false });
    },
    waiting: (): number => [...noticed.values()].filter(({ announced }) => !announced).length,
    unannounced: (): Notice[] =>
      rows.all("select body from notices where told = 0").map(({ body }) => parseOwn<Notice>(body)),
    keepAnnounced(periodStart: number): void {
      rows.run("update notices set told = 1 where period_start = ?", periodStart);
      noticed.set(periodStart, { announced: true });
    },
  };
}

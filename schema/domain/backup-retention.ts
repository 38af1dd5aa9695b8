/** Which backups of a box are kept. */

export interface Kept {
  id: string;
  storedAt: Date;
}

const DAY_MS = 86_400_000;
/** The newest backup of each of this many days and weeks is kept, counted back from now. */
export const DAILY = 7;
export const WEEKLY = 4;
/** How long backups are kept after their box is destroyed. */
export const AFTER_DESTROYED_MS = 30 * DAY_MS;

/**
 * The ids that may go: neither the newest of one of the last seven days, nor the newest of one of the last four weeks,
 * nor the newest of all. Days and weeks are whole periods before `now`, so the answer does not hang on a time zone.
 */
export function expendable(backups: readonly Kept[], now: Date): string[] {
  const newestFirst = [...backups].sort((a, b) => b.storedAt.getTime() - a.storedAt.getTime());
  const kept = new Set<string>(newestFirst.slice(0, 1).map(({ id }) => id));
  for (const [periods, length] of [
    [DAILY, DAY_MS],
    [WEEKLY, 7 * DAY_MS],
  ] as const) {
    const seen = new Set<number>();
    for (const { id, storedAt } of newestFirst) {
      const period = Math.floor(Math.max(0, now.getTime() - storedAt.getTime()) / length);
      if (period >= periods || seen.has(period)) continue;
      seen.add(period);
      kept.add(id);
    }
  }
  return newestFirst.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
}

/** The part between two indexes, both included; negative ones count from the end. */
export function range<T>(items: T[], start: number, stop: number): T[] {
  const from = Math.max(0, start < 0 ? items.length + start : start);
  const to = stop < 0 ? items.length + stop : stop;
  return to < from ? [] : items.slice(from, to + 1);
}

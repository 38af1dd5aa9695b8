/** So many undone changes in so short a time are the work of a program that does not stop. */
const CHANGES = 10;
const WITHIN_MS = 10_000;

/** Counts undone changes; whether they have become a fight. */
export function createFight(now: () => number = Date.now): () => boolean {
  let recent: number[] = [];
  return () => {
    recent = [...recent.filter((at) => now() - at < WITHIN_MS), now()];
    return recent.length >= CHANGES;
  };
}

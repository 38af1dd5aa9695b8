/** Which boxes a rollout moves first. */
import type { BoxState } from "./plan.ts";

/**
 * The operators' own and the pool's boxes first, then the others by a hash; boxes that don't run come last. The hash is of
 * the rollout's and the box's ids: always the same within a rollout, different in each.
 */
export function inSequence(rolloutId: string, boxes: readonly BoxState[]): BoxState[] {
  return boxes
    .map((box) => ({ box, rank: rankOf(box), draw: draw(`${rolloutId}|${box.id}`) }))
    .sort((a, b) => a.rank - b.rank || a.draw - b.draw || (a.box.id < b.box.id ? -1 : 1))
    .map(({ box }) => box);
}

const rankOf = ({ runs, first }: BoxState): number => (runs ? (first ? 0 : 1) : 2);

/** FNV-1a, 32 bits, with murmur3's finalizer: ids that differ in one digit land far apart. */
function draw(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** How many of the running boxes may be on the new image: the share, rounded down, at least one. */
export const allowed = (share: number, running: number): number =>
  Math.min(running, Math.max(1, Math.floor((share * running) / 100)));

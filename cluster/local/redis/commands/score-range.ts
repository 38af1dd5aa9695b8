import { score } from "../numbers.ts";
import { RedisError } from "../reply.ts";
import type { SortedSet } from "../store.ts";

interface Bound {
  value: number;
  /** Written with a `(` in front. */
  exclusive: boolean;
}

export interface ScoreRange {
  min: Bound;
  max: Bound;
}

/** Members by score, equal scores by the bytes of the member. */
export function sorted(set: SortedSet | undefined): [string, number][] {
  return [...(set ?? [])].sort(([a, scoreA], [b, scoreB]) =>
    scoreA === scoreB ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : scoreA - scoreB,
  );
}

export function scoreRange(min: string, max: string): ScoreRange {
  return { min: bound(min), max: bound(max) };
}

export function inScoreRange(value: number, { min, max }: ScoreRange): boolean {
  const aboveMin = min.exclusive ? value > min.value : value >= min.value;
  const belowMax = max.exclusive ? value < max.value : value <= max.value;
  return aboveMin && belowMax;
}

function bound(text: string): Bound {
  const exclusive = text.startsWith("(");
  const number = exclusive ? text.slice(1) : text;
  // Redis reads nothing as zero and skips space here, though nowhere else.
  const value = number === "" ? 0 : score(number.trimStart(), () => new RedisError("ERR min or max is not a float"));
  return { value, exclusive };
}

import { scoreText, smallInteger } from "../numbers.ts";
import { RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";
import { arg } from "./command.ts";
import { range } from "./range.ts";
import { inScoreRange, scoreRange, sorted } from "./score-range.ts";

interface RangeOptions {
  byScore: boolean;
  reverse: boolean;
  withScores: boolean;
  limit?: { offset: number; count: number };
}

/** `ZRANGE key start stop [BYSCORE] [REV] [LIMIT offset count] [WITHSCORES]`; BYLEX isn't here. */
export function zrange(store: Store, args: string[]): Reply {
  const options = rangeOptions(args.slice(3));
  const select = options.byScore ? byScore : byIndex;
  const found = select(() => sorted(store.get(arg(args, 0), "zset")), arg(args, 1), arg(args, 2), options);
  return found.flatMap(([member, value]) => (options.withScores ? [member, scoreText(value)] : [member]));
}

type Members = [string, number][];

function byIndex(read: () => Members, start: string, stop: string, { reverse }: RangeOptions): Members {
  const [from, to] = [smallInteger(start), smallInteger(stop)];
  const members = read();
  return range(reverse ? members.reverse() : members, from, to);
}

function byScore(read: () => Members, start: string, stop: string, { reverse, limit }: RangeOptions): Members {
  const bounds = reverse ? scoreRange(stop, start) : scoreRange(start, stop);
  const members = read().filter(([, value]) => inScoreRange(value, bounds));
  if (reverse) members.reverse();
  if (!limit) return members;
  if (limit.offset < 0) return [];
  return members.slice(limit.offset, limit.count < 0 ? undefined : limit.offset + limit.count);
}

function rangeOptions(words: string[]): RangeOptions {
  const options: RangeOptions = { byScore: false, reverse: false, withScores: false };
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] ?? "").toUpperCase();
    const [offset, count] = [words[i + 1], words[i + 2]];
    if (word === "BYSCORE") options.byScore = true;
    else if (word === "REV") options.reverse = true;
    else if (word === "WITHSCORES") options.withScores = true;
    else if (word === "LIMIT" && offset !== undefined && count !== undefined) {
      options.limit = { offset: smallInteger(offset), count: smallInteger(count) };
      i += 2;
    } else throw syntaxError();
  }
  if (options.limit && !options.byScore) {
    throw new RedisError("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  }
  return options;
}

import { score, scoreText } from "../numbers.ts";
import { notAFloat, RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";
import { arg, type CommandTable, pairs } from "./command.ts";
import { inScoreRange, scoreRange, sorted } from "./score-range.ts";
import { zrange } from "./zrange.ts";

export const sortedSets: CommandTable = {
  ZADD: { arity: -4, run: addMembers },
  ZRANGE: { arity: -4, run: zrange },
  ZREM: {
    arity: -3,
    run(store, [key = "", ...members]) {
      const set = store.get(key, "zset");
      const removed = members.filter((member) => set?.delete(member)).length;
      store.tidy(key);
      return removed;
    },
  },
  ZSCORE: {
    arity: 3,
    run(store, [key = "", member = ""]) {
      const value = store.get(key, "zset")?.get(member);
      return value === undefined ? null : scoreText(value);
    },
  },
  ZCARD: { arity: 2, run: (store, [key = ""]) => store.get(key, "zset")?.size ?? 0 },
  ZINCRBY: {
    arity: 4,
    run(store, args) {
      const [key, amount, member] = [arg(args, 0), score(arg(args, 1)), arg(args, 2)];
      const sum = (store.get(key, "zset")?.get(member) ?? 0) + amount;
      if (Number.isNaN(sum)) throw new RedisError("ERR resulting score is not a number (NaN)");
      store.getOrMake(key, "zset").set(member, sum);
      return scoreText(sum);
    },
  },
  ZCOUNT: { arity: 4, run: (store, args) => membersInRange(store, args).length },
  ZREMRANGEBYSCORE: {
    arity: 4,
    run(store, args) {
      const members = membersInRange(store, args);
      for (const [member] of members) store.get(arg(args, 0), "zset")?.delete(member);
      store.tidy(arg(args, 0));
      return members.length;
    },
  },
};

function membersInRange(store: Store, args: string[]): [string, number][] {
  const bounds = scoreRange(arg(args, 1), arg(args, 2));
  return sorted(store.get(arg(args, 0), "zset")).filter(([, value]) => inScoreRange(value, bounds));
}

interface AddOptions {
  conditions: Set<string>;
  entries: [number, string][];
}

function addMembers(store: Store, [key = "", ...rest]: string[]): Reply {
  const { conditions, entries } = addOptions(rest);
  const set = store.get(key, "zset") ?? (conditions.has("XX") ? undefined : store.getOrMake(key, "zset"));
  let [added, changed] = [0, 0];
  for (const [value, member] of entries) {
    const before = set?.get(member);
    if (!set || !allowed(conditions, before, value)) continue;
    if (before === undefined) added++;
    else if (before !== value) changed++;
    set.set(member, value);
  }
  store.tidy(key);
  return conditions.has("CH") ? added + changed : added;
}

function addOptions(args: string[]): AddOptions {
  const end = args.findIndex((word) => !/^(NX|XX|GT|LT|CH)$/i.test(word));
  const words = end === -1 ? args : args.slice(0, end);
  const conditions = new Set(words.map((word) => word.toUpperCase()));
  const found = pairs(args.slice(words.length));
  if (!found?.length) throw syntaxError();
  if (conditions.has("NX") && conditions.has("XX")) {
    throw new RedisError("ERR XX and NX options at the same time are not compatible");
  }
  if (["NX", "GT", "LT"].filter((word) => conditions.has(word)).length > 1) {
    throw new RedisError("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  return { conditions, entries: found.map(([value, member]) => [score(value, notAFloat), member]) };
}

function allowed(conditions: Set<string>, before: number | undefined, value: number): boolean {
  if (before === undefined) return !conditions.has("XX");
  if (conditions.has("NX")) return false;
  if (conditions.has("GT")) return value > before;
  return conditions.has("LT") ? value < before : true;
}

import { add, integer } from "../numbers.ts";
import { RedisError, type Reply, wrongArity } from "../reply.ts";
import type { Store } from "../store.ts";
import { arg, type CommandTable, pairs } from "./command.ts";

export const hashes: CommandTable = {
  HSET: { arity: -4, run: (store, [key = "", ...rest]) => setFields(store, key, rest) },
  HSETNX: {
    arity: 4,
    run(store, [key = "", field = "", value = ""]) {
      if (store.get(key, "hash")?.has(field)) return 0;
      store.getOrMake(key, "hash").set(field, value);
      return 1;
    },
  },
  HGET: { arity: 3, run: (store, [key = "", field = ""]) => store.get(key, "hash")?.get(field) ?? null },
  HMGET: {
    arity: -3,
    run(store, [key = "", ...fields]) {
      const hash = store.get(key, "hash");
      return fields.map((field) => hash?.get(field) ?? null);
    },
  },
  HGETALL: { arity: 2, run: (store, [key = ""]) => [...(store.get(key, "hash") ?? [])].flat() },
  HKEYS: { arity: 2, run: (store, [key = ""]) => [...(store.get(key, "hash")?.keys() ?? [])] },
  HVALS: { arity: 2, run: (store, [key = ""]) => [...(store.get(key, "hash")?.values() ?? [])] },
  HLEN: { arity: 2, run: (store, [key = ""]) => store.get(key, "hash")?.size ?? 0 },
  HEXISTS: { arity: 3, run: (store, [key = "", field = ""]) => (store.get(key, "hash")?.has(field) ? 1 : 0) },
  HDEL: {
    arity: -3,
    run(store, [key = "", ...fields]) {
      const hash = store.get(key, "hash");
      const removed = fields.filter((field) => hash?.delete(field)).length;
      store.tidy(key);
      return removed;
    },
  },
  HINCRBY: { arity: 4, run: increaseField },
};

function setFields(store: Store, key: string, rest: string[]): Reply {
  const fields = pairs(rest);
  if (!fields) throw wrongArity("hset");
  const hash = store.getOrMake(key, "hash");
  const before = hash.size;
  for (const [field, value] of fields) hash.set(field, value);
  return hash.size - before;
}

function increaseField(store: Store, args: string[]): Reply {
  const [key, field, amount] = [arg(args, 0), arg(args, 1), integer(arg(args, 2))];
  const current = store.get(key, "hash")?.get(field) ?? "0";
  const sum = add(
    integer(current, () => new RedisError("ERR hash value is not an integer")),
    amount,
  );
  store.getOrMake(key, "hash").set(field, String(sum));
  return Number(sum);
}

import { integer, smallInteger } from "../numbers.ts";
import { RedisError, type Reply } from "../reply.ts";
import type { Store } from "../store.ts";
import { arg, type CommandTable } from "./command.ts";
import { range } from "./range.ts";

export const lists: CommandTable = {
  LPUSH: { arity: -3, run: (store, args) => push(store, args, (list, item) => list.unshift(item)) },
  RPUSH: { arity: -3, run: (store, args) => push(store, args, (list, item) => list.push(item)) },
  LPOP: { arity: -2, run: (store, args) => pop(store, args, "lpop", (list) => list.shift()) },
  RPOP: { arity: -2, run: (store, args) => pop(store, args, "rpop", (list) => list.pop()) },
  LLEN: { arity: 2, run: (store, [key = ""]) => store.get(key, "list")?.length ?? 0 },
  LRANGE: {
    arity: 4,
    run(store, args) {
      const [start, stop] = [smallInteger(arg(args, 1)), smallInteger(arg(args, 2))];
      return range(store.get(arg(args, 0), "list") ?? [], start, stop);
    },
  },
};

function push(store: Store, [key = "", ...items]: string[], put: (list: string[], item: string) => void): Reply {
  const list = store.getOrMake(key, "list");
  for (const item of items) put(list, item);
  return list.length;
}

function pop(store: Store, args: string[], command: string, take: (list: string[]) => string | undefined): Reply {
  if (args.length > 2) throw new RedisError(`ERR wrong number of arguments for '${command}' command`);
  const key = arg(args, 0);
  const count = args[1] === undefined ? undefined : popCount(args[1]);
  const list = store.get(key, "list");
  if (!list) return null;
  if (count === undefined) {
    const item = take(list) ?? null;
    store.tidy(key);
    return item;
  }
  const items = Array.from({ length: Math.min(count, list.length) }, () => take(list) ?? null);
  store.tidy(key);
  return items;
}

const notPositive = () => new RedisError("ERR value is out of range, must be positive");

function popCount(text: string): number {
  const count = integer(text, notPositive);
  if (count < 0n) throw notPositive();
  return Number(count);
}

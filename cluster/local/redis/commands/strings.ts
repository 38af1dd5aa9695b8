import { add, integer } from "../numbers.ts";
import { notAnInteger, RedisError, type Reply, wrongArity } from "../reply.ts";
import type { Store } from "../store.ts";
import { arg, type CommandTable, pairs } from "./command.ts";
import { type ExpiryUnit, positiveExpiryTime } from "./expiry.ts";
import { setOptions } from "./set-options.ts";

export const strings: CommandTable = {
  GET: { arity: 2, run: (store, [key = ""]) => store.get(key, "string") ?? null },
  SET: { arity: -3, run: set },
  SETNX: {
    arity: 3,
    run(store, [key = "", value = ""]) {
      if (store.has(key)) return 0;
      store.setString(key, value);
      return 1;
    },
  },
  SETEX: { arity: 4, run: (store, args) => setWithExpiry(store, args, "EX", "setex") },
  PSETEX: { arity: 4, run: (store, args) => setWithExpiry(store, args, "PX", "psetex") },
  GETDEL: {
    arity: 2,
    run(store, [key = ""]) {
      const value = store.get(key, "string") ?? null;
      store.delete(key);
      return value;
    },
  },
  GETEX: { arity: -2, run: getAndExpire },
  MGET: {
    arity: -2,
    run: (store, keys) =>
      keys.map((key) => (store.typeOf(key) === "string" ? (store.get(key, "string") ?? null) : null)),
  },
  MSET: {
    arity: -3,
    run(store, args) {
      const entries = pairs(args);
      if (!entries) throw wrongArity("mset");
      for (const [key, value] of entries) store.setString(key, value);
      return "OK";
    },
  },
  APPEND: {
    arity: 3,
    run(store, [key = "", tail = ""]) {
      const value = (store.get(key, "string") ?? "") + tail;
      store.setString(key, value, { keep: true });
      return Buffer.byteLength(value);
    },
  },
  STRLEN: { arity: 2, run: (store, [key = ""]) => Buffer.byteLength(store.get(key, "string") ?? "") },
  INCR: { arity: 2, run: (store, [key = ""]) => increase(store, key, 1n) },
  DECR: { arity: 2, run: (store, [key = ""]) => increase(store, key, -1n) },
  INCRBY: { arity: 3, run: (store, args) => increase(store, arg(args, 0), integer(arg(args, 1))) },
  DECRBY: {
    arity: 3,
    run(store, args) {
      const amount = integer(arg(args, 1));
      if (amount === -(2n ** 63n)) throw new RedisError("ERR decrement would overflow");
      return increase(store, arg(args, 0), -amount);
    },
  },
};

function set(store: Store, [key = "", value = "", ...rest]: string[]): Reply {
  const { only, get, keepTtl, expiry } = setOptions(rest, "set");
  const expiresAt = expiry && positiveExpiryTime(expiry.unit, expiry.amount, store.now(), "set");
  const before = get ? (store.get(key, "string") ?? null) : null;
  const exists = store.has(key);
  if ((only === "NX" && exists) || (only === "XX" && !exists)) return before;
  store.setString(key, value, { expiresAt, keep: keepTtl ?? false });
  return get ? before : "OK";
}

function setWithExpiry(store: Store, args: string[], unit: ExpiryUnit, command: string): Reply {
  const expiresAt = positiveExpiryTime(unit, arg(args, 1), store.now(), command);
  store.setString(arg(args, 0), arg(args, 2), { expiresAt });
  return "OK";
}

function getAndExpire(store: Store, [key = "", ...rest]: string[]): Reply {
  const { persist, expiry } = setOptions(rest, "getex");
  const value = store.get(key, "string");
  if (value === undefined) return null;
  if (persist) store.expireAt(key, undefined);
  if (expiry) store.expireAt(key, positiveExpiryTime(expiry.unit, expiry.amount, store.now(), "getex"));
  return value;
}

function increase(store: Store, key: string, amount: bigint): number {
  const sum = add(integer(store.get(key, "string") ?? "0", notAnInteger), amount);
  store.setString(key, String(sum), { keep: true });
  return Number(sum);
}

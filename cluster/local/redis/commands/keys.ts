import { globMatcher } from "../glob.ts";
import { integer } from "../numbers.ts";
import { notAnInteger, RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";
import { arg, type CommandTable } from "./command.ts";
import { type ExpiryUnit, expiryTime } from "./expiry.ts";

export const keys: CommandTable = {
  DEL: { arity: -2, run: remove },
  UNLINK: { arity: -2, run: remove },
  EXISTS: { arity: -2, run: (store, names) => names.filter((key) => store.has(key)).length },
  TYPE: { arity: 2, run: (store, [key = ""]) => store.typeOf(key) ?? "none" },
  EXPIRE: { arity: -3, run: (store, args) => expire(store, args, "EX", "expire") },
  PEXPIRE: { arity: -3, run: (store, args) => expire(store, args, "PX", "pexpire") },
  EXPIREAT: { arity: -3, run: (store, args) => expire(store, args, "EXAT", "expireat") },
  PEXPIREAT: { arity: -3, run: (store, args) => expire(store, args, "PXAT", "pexpireat") },
  TTL: { arity: 2, run: (store, [key = ""]) => left(store, key, (ms) => Math.floor((ms + 500) / 1000)) },
  PTTL: { arity: 2, run: (store, [key = ""]) => left(store, key, (ms) => ms) },
  PERSIST: {
    arity: 2,
    run(store, [key = ""]) {
      if (typeof store.expiryOf(key) !== "number") return 0;
      store.expireAt(key, undefined);
      return 1;
    },
  },
  KEYS: { arity: 2, run: (store, [pattern = ""]) => store.keys().filter(globMatcher(pattern)) },
  SCAN: { arity: -2, run: scan },
};

function remove(store: Store, names: string[]): number {
  return names.filter((key) => store.delete(key)).length;
}

function left(store: Store, key: string, unit: (ms: number) => number): number {
  const at = store.expiryOf(key);
  if (at === undefined) return -2;
  return at === null ? -1 : unit(Math.max(0, at - store.now()));
}

function expire(store: Store, args: string[], unit: ExpiryUnit, command: string): Reply {
  const key = arg(args, 0);
  const conditions = expireConditions(args.slice(2));
  const at = expiryTime(unit, arg(args, 1), store.now(), command);
  const current = store.expiryOf(key);
  if (current === undefined) return 0;
  // A key without an end counts as one that ends never.
  const end = current ?? Infinity;
  if (conditions.has("NX") && current !== null) return 0;
  if (conditions.has("XX") && current === null) return 0;
  if (conditions.has("GT") && at <= end) return 0;
  if (conditions.has("LT") && at >= end) return 0;
  store.expireAt(key, at);
  return 1;
}

function expireConditions(words: string[]): Set<string> {
  const conditions = new Set(words.map((word) => word.toUpperCase()));
  for (const word of words) {
    if (!/^(NX|XX|GT|LT)$/i.test(word)) throw new RedisError(`ERR Unsupported option ${word}`);
  }
  if (conditions.has("NX") && conditions.size > 1) {
    throw new RedisError("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (conditions.has("GT") && conditions.has("LT")) {
    throw new RedisError("ERR GT and LT options at the same time are not compatible");
  }
  return conditions;
}

/** Everything at once, which Redis allows: COUNT is only a hint, and the cursor that comes back is 0. */
function scan(store: Store, [cursor = "", ...options]: string[]): Reply {
  if (!/^\d+$/.test(cursor)) throw new RedisError("ERR invalid cursor");
  let found = store.keys();
  for (let i = 0; i < options.length; i += 2) {
    const value = options[i + 1];
    if (value === undefined) throw syntaxError();
    found = found.filter(scanFilter(store, (options[i] ?? "").toUpperCase(), value));
  }
  return ["0", found];
}

function scanFilter(store: Store, option: string, value: string): (key: string) => boolean {
  switch (option) {
    case "MATCH":
      return globMatcher(value);
    case "TYPE":
      return (key) => store.typeOf(key) === value.toLowerCase();
    case "COUNT":
      if (integer(value, notAnInteger) < 1n) throw syntaxError();
      return () => true;
    default:
      throw syntaxError();
  }
}

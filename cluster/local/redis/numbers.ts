import { notAFloat, notAnInteger, RedisError } from "./reply.ts";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A 64-bit integer written the one way Redis takes it: no plus, no leading zero, no space. */
export function integer(text: string, error: () => RedisError = notAnInteger): bigint {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw error();
  const value = BigInt(text);
  if (!fits(value)) throw error();
  return value;
}

/** An integer that is used as a count, an index or a time. */
export function smallInteger(text: string): number {
  return Number(integer(text));
}

/** @throws RedisError when the sum has more than 64 bits */
export function add(value: bigint, amount: bigint): bigint {
  const sum = value + amount;
  if (!fits(sum)) throw new RedisError("ERR increment or decrement would overflow");
  return sum;
}

/** A score; infinity is one. */
export function score(text: string, error: () => RedisError = notAFloat): number {
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinity) return infinity[1] === "-" ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw error();
  return Number(text);
}

export function scoreText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return value > 0 ? "inf" : "-inf";
}

function fits(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}

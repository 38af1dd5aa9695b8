import { integer } from "../numbers.ts";
import { invalidExpiry } from "../reply.ts";

export type ExpiryUnit = "EX" | "PX" | "EXAT" | "PXAT";

export function isExpiryUnit(text: string): text is ExpiryUnit {
  return text === "EX" || text === "PX" || text === "EXAT" || text === "PXAT";
}

/** When it ends, in milliseconds since 1970. @throws RedisError for what is no integer, or overflows */
export function expiryTime(unit: ExpiryUnit, amount: string, now: number, command: string): number {
  const ms = integer(amount) * (unit.startsWith("EX") ? 1000n : 1n);
  const at = unit.endsWith("AT") ? ms : ms + BigInt(now);
  if (at > 2n ** 63n - 1n || ms < -(2n ** 63n)) throw invalidExpiry(command);
  return Number(at);
}

/** The same for commands that refuse zero and less (SET, SETEX, GETEX). */
export function positiveExpiryTime(unit: ExpiryUnit, amount: string, now: number, command: string): number {
  if (integer(amount) <= 0n) throw invalidExpiry(command);
  return expiryTime(unit, amount, now, command);
}

import type { CommandLine } from "../engine.ts";
import { RedisError, type Reply } from "../reply.ts";

const UNORDERED = new Set(["SMEMBERS", "KEYS", "HKEYS", "HVALS"]);

/** A reply without what Redis leaves open (the order of sets, the digits of a score), and errors as text. */
export function comparable([name = ""]: CommandLine, reply: Reply | undefined): unknown {
  if (reply instanceof RedisError) return `error: ${reply.message}`;
  if (/^z/i.test(name)) return scoresAsNumbers(reply);
  if (!Array.isArray(reply)) return reply;
  const command = name.toUpperCase();
  if (command === "HGETALL")
    return Object.fromEntries(reply.flatMap((field, i) => (i % 2 ? [] : [[field, reply[i + 1]]])));
  return UNORDERED.has(command) ? reply.map(String).toSorted() : reply;
}

/** Redis before 7.2 wrote scores with 17 digits, later ones as short as can be. */
function scoresAsNumbers(reply: Reply | undefined): unknown {
  if (Array.isArray(reply)) return reply.map(scoresAsNumbers);
  return typeof reply === "string" && /\d/.test(reply) ? Number(reply) : reply;
}

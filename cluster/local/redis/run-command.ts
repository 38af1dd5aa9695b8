/** Errors in Redis' own words. */
export type Reply = string | number | { error: string };

/**
 * The commands that the product sends; one more is added when it is called.
 * @param keys when each key ends, in milliseconds since 1970. Values are not kept: no command reads them.
 */
export function runCommand(keys: Map<string, number>, [name, ...args]: [string, ...string[]], now: number): Reply {
  switch (name.toUpperCase()) {
    case "PING":
      return args.length === 0 ? "PONG" : wrongArity(name);
    case "EXISTS":
      return args.length === 0 ? wrongArity(name) : args.filter((key) => isAlive(keys.get(key), now)).length;
    case "SET":
      return set(keys, args, now);
    default:
      return { error: `ERR unknown command '${name.slice(0, 128)}'` };
  }
}

/** `SET key value EX seconds`: nothing is set for good. */
function set(keys: Map<string, number>, args: string[], now: number): Reply {
  const [key, value, option, seconds = ""] = args;
  if (key === undefined || value === undefined) return wrongArity("set");
  if (args.length !== 4 || option?.toUpperCase() !== "EX") return { error: "ERR syntax error" };
  if (!/^\d{1,10}$/.test(seconds) || Number(seconds) === 0) {
    return { error: "ERR invalid expire time in 'set' command" };
  }
  forgetEnded(keys, now);
  keys.delete(key);
  keys.set(key, now + Number(seconds) * 1_000);
  return "OK";
}

/** Keys stand in the order in which they were set, which is nearly that of their ends. */
function forgetEnded(keys: Map<string, number>, now: number): void {
  for (const [key, end] of keys) {
    if (isAlive(end, now)) return;
    keys.delete(key);
  }
}

/** Redis counts the millisecond of the end as alive. */
const isAlive = (end: number | undefined, now: number): boolean => end !== undefined && now <= end;

const wrongArity = (name: string): Reply => ({
  error: `ERR wrong number of arguments for '${name.toLowerCase()}' command`,
});

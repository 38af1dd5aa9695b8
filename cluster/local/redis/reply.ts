/** What a Redis command answers. A status (`OK`, `PONG`) is a string like any other. */
export type Reply = string | number | null | RedisError | Reply[];

/** An error in Redis' own words, with its code in front: `ERR syntax error`, `WRONGTYPE …`. */
export class RedisError extends Error {}

export const syntaxError = () => new RedisError("ERR syntax error");
export const notAnInteger = () => new RedisError("ERR value is not an integer or out of range");
export const notAFloat = () => new RedisError("ERR value is not a valid float");
export const wrongArity = (command: string) =>
  new RedisError(`ERR wrong number of arguments for '${command.toLowerCase()}' command`);
export const invalidExpiry = (command: string) => new RedisError(`ERR invalid expire time in '${command}' command`);

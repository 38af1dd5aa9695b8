import type { CommandLine } from "./engine.ts";
import { RedisError } from "./reply.ts";

export type Query = [name: string, value: string][];

/**
 * The command that a request means: its JSON body alone, or its path, then a body as the last argument but for
 * those that the query adds (`POST /set/key?EX=100` with the value as body).
 */
export function commandOf(path: string[], body: string, query: Query): CommandLine | RedisError {
  if (path.length === 0) return commandFrom(parseJson(body));
  const words = query.flatMap(([name, value]) => (value === "" ? [name] : [name, value]));
  return [...path, ...(body === "" ? [] : [body]), ...words];
}

/** The commands of `/pipeline` and `/multi-exec`: an array of arrays. */
export function commandsOf(body: string): CommandLine[] | RedisError {
  const list = parseJson(body);
  if (!Array.isArray(list))
    return new RedisError("ERR failed to parse pipeline request: an array of commands is needed");
  const commands: CommandLine[] = [];
  for (const item of list) {
    const command = commandFrom(item);
    if (command instanceof RedisError) return command;
    commands.push(command);
  }
  return commands;
}

function commandFrom(value: unknown): CommandLine | RedisError {
  if (!Array.isArray(value) || value.length === 0) {
    return new RedisError('ERR failed to parse command: a JSON array like ["GET", "key"] is needed');
  }
  const parts = value.map((part) => (isScalar(part) ? String(part) : undefined));
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length
    ? known
    : new RedisError("ERR failed to parse command: arguments must be strings, numbers or booleans");
}

function isScalar(part: unknown): part is string | number | boolean {
  return typeof part === "string" || typeof part === "number" || typeof part === "boolean";
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

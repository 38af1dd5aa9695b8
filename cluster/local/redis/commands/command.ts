import type { Reply } from "../reply.ts";
import type { Store } from "../store.ts";

export interface Command {
  /** As Redis counts: the name included; negative for "at least". */
  arity: number;
  /** @param args without the name. @throws RedisError */
  run(store: Store, args: string[]): Reply;
}

export type CommandTable = Record<string, Command>;

/** The argument at that place, which the arity says is there. */
export function arg(args: string[], index: number): string {
  const value = args[index];
  if (value === undefined) throw new Error(`argument ${index} is missing: the command's arity is wrong`);
  return value;
}

/** `a 1 b 2` as `[["a", "1"], ["b", "2"]]`; undefined when one is left over. */
export function pairs(args: string[]): [string, string][] | undefined {
  if (args.length % 2 !== 0) return undefined;
  return args.flatMap((first, i) => (i % 2 === 0 ? [[first, arg(args, i + 1)] as [string, string]] : []));
}

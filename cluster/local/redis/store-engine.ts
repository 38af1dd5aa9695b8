import type { Command } from "./commands/command.ts";
import { commandTable } from "./commands/table.ts";
import type { CommandLine, Engine } from "./engine.ts";
import { RedisError, type Reply, wrongArity } from "./reply.ts";
import { Store } from "./store.ts";

/** Redis' commands over a store in this process. Nothing in it waits, so nothing can come in between. */
export function storeEngine(now: () => number): Engine {
  const store = new Store(now);
  return {
    run: async (command) => execute(store, command),
    pipeline: async (commands) => commands.map((command) => execute(store, command)),
    transaction: async (commands) => transact(store, commands),
    async close() {
      store.clear();
    },
  };
}

function execute(store: Store, line: CommandLine): Reply {
  try {
    return find(line).run(store, line.slice(1));
  } catch (error) {
    if (error instanceof RedisError) return error;
    throw error;
  }
}

function transact(store: Store, commands: CommandLine[]): Reply {
  try {
    for (const line of commands) find(line);
  } catch {
    return new RedisError("EXECABORT Transaction discarded because of previous errors.");
  }
  return commands.map((line) => execute(store, line));
}

/** @throws RedisError for a command that isn't known, or the wrong number of arguments */
function find(line: CommandLine): Command {
  const [name = "", ...args] = line;
  const command = Object.hasOwn(commandTable, name.toUpperCase()) ? commandTable[name.toUpperCase()] : undefined;
  if (!command) throw unknownCommand(name, args);
  const { arity } = command;
  if (arity >= 0 ? line.length !== arity : line.length < -arity) throw wrongArity(name);
  return command;
}

/** Redis shows the first 128 characters of the arguments, so that a long value stays out of logs. */
function unknownCommand(name: string, args: string[]): RedisError {
  let shown = "";
  for (const arg of args) {
    if (shown.length >= 128) break;
    shown += `'${arg.slice(0, 128 - shown.length)}' `;
  }
  return new RedisError(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`);
}

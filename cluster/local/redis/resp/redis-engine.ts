import type { CommandLine, Engine } from "../engine.ts";
import { RedisError, type Reply } from "../reply.ts";
import { RedisConnection, redisAddress } from "./connection.ts";

/** What would block, subscribe or change the one connection that all requests share. Upstash refuses them too. */
const REFUSED = new Set(
  `AUTH BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT CONFIG DEBUG DISCARD EXEC HELLO MONITOR MULTI
  PSUBSCRIBE PSYNC PUNSUBSCRIBE QUIT REPLICAOF RESET SAVE SELECT SHUTDOWN SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE SYNC
  UNSUBSCRIBE UNWATCH WAIT WAITAOF WATCH`.split(/\s+/),
);

/** A real Redis over one connection, which is opened at the first command and again after it broke. */
export function redisEngine(redisUrl: string): Engine {
  const address = redisAddress(redisUrl);
  let connection: RedisConnection | undefined;
  const send = (commands: CommandLine[]): Promise<Reply[]> => {
    if (!connection?.isOpen) connection = new RedisConnection(address);
    return connection.send(commands);
  };
  const run = async (command: CommandLine): Promise<Reply> => refusal(command) ?? (await send([command]))[0] ?? null;
  return {
    run,
    pipeline: (commands) => Promise.all(commands.map(run)),
    async transaction(commands) {
      if (commands.length === 0) return [];
      if (commands.some(refusal)) return new RedisError("EXECABORT Transaction discarded because of previous errors.");
      const replies = await send([["MULTI"], ...commands, ["EXEC"]]);
      return replies.at(-1) ?? null;
    },
    async close() {
      connection?.close();
    },
  };
}

function refusal([name = ""]: CommandLine): RedisError | undefined {
  return REFUSED.has(name.toUpperCase()) ? new RedisError(`ERR Command is not available: '${name}'`) : undefined;
}

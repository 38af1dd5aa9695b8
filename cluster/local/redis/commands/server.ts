import { syntaxError, wrongArity } from "../reply.ts";
import type { Store } from "../store.ts";
import type { CommandTable } from "./command.ts";

export const server: CommandTable = {
  PING: {
    arity: -1,
    run(_store, [message = "PONG", ...rest]) {
      if (rest.length > 0) throw wrongArity("ping");
      return message;
    },
  },
  ECHO: { arity: 2, run: (_store, [message = ""]) => message },
  DBSIZE: { arity: 1, run: (store) => store.keys().length },
  FLUSHDB: { arity: -1, run: flush },
  FLUSHALL: { arity: -1, run: flush },
};

function flush(store: Store, options: string[]): string {
  if (options.length > 1 || (options[0] !== undefined && !/^(a?sync)$/i.test(options[0]))) throw syntaxError();
  store.clear();
  return "OK";
}

import type { CommandTable } from "./command.ts";

export const sets: CommandTable = {
  SADD: {
    arity: -3,
    run(store, [key = "", ...members]) {
      const set = store.getOrMake(key, "set");
      const before = set.size;
      for (const member of members) set.add(member);
      return set.size - before;
    },
  },
  SREM: {
    arity: -3,
    run(store, [key = "", ...members]) {
      const set = store.get(key, "set");
      const removed = members.filter((member) => set?.delete(member)).length;
      store.tidy(key);
      return removed;
    },
  },
  SISMEMBER: { arity: 3, run: (store, [key = "", member = ""]) => (store.get(key, "set")?.has(member) ? 1 : 0) },
  SMEMBERS: { arity: 2, run: (store, [key = ""]) => [...(store.get(key, "set") ?? [])] },
  SCARD: { arity: 2, run: (store, [key = ""]) => store.get(key, "set")?.size ?? 0 },
};

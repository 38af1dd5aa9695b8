/** What a sweep asks of others, counted: Cloudflare ends a run that makes too many subrequests. */
import type { SweepTurn } from "../contracts/sweep-turn.ts";
import type { Database } from "../integrations/database.ts";

/** The same object, each of whose calls is so many subrequests. */
export function counted<T extends object>(turn: SweepTurn, target: T, subrequests = 1): T {
  return counting(target, () => {
    turn.left -= subrequests;
  });
}

const STATEMENTS: readonly PropertyKey[] = ["execute", "select", "selectDistinct", "insert", "update", "delete"];

/** A statement is one; a batch is one, whatever is in it. */
export function countedDatabase(turn: SweepTurn, db: Database): Database {
  return counting(db, (name, [statements]) => {
    if (STATEMENTS.includes(name)) turn.left -= 1;
    if (name === "batch" && Array.isArray(statements)) turn.left += statements.length - 1;
  });
}

function counting<T extends object>(target: T, count: (name: PropertyKey, args: unknown[]) => void): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        count(name, args);
        return Reflect.apply(value, target, args);
      };
    },
  });
}

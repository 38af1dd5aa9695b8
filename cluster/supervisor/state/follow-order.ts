import { join } from "node:path";
import { readIfThere } from "../atomic-file.ts";
import { messageOf } from "../log.ts";
import { type WatchOptions, watchFolder } from "../watch-folder.ts";
import { ORDER_FILE, parseStateOrder, type StateOrder } from "./state-order.ts";

export interface OrderListener {
  /** Called with each new order, the first one at once, and with null when there is none any more. */
  onOrder(order: StateOrder | null): void;
  onProblem(problem: string): void;
}

/** Follows order.json in the folder that also holds box.json. */
export function followOrder(dir: string, listener: OrderListener, options?: WatchOptions): { close(): void } {
  let seen: string | null = null;
  const look = () => {
    try {
      const json = readIfThere(join(dir, ORDER_FILE));
      if (json === seen) return;
      seen = json;
      if (json === null) return listener.onOrder(null);
      const result = parseStateOrder(json);
      if (result.ok) listener.onOrder(result.order);
      else listener.onProblem(result.problem);
    } catch (error) {
      listener.onProblem(`order.json can't be read: ${messageOf(error)}`);
    }
  };
  look();
  return watchFolder(dir, look, options);
}

import type { Ctx } from "../context.ts";
import { createLog, type LogFields } from "../log.ts";

/**
 * Does the work for each item, one after another. An item that throws is counted and logged, with the fields that name it,
 * and keeps no other from its turn: a sweep is no better than the worst of its rows otherwise.
 */
export async function eachItem<T>(
  ctx: Pick<Ctx, "requestId" | "turn">,
  items: Iterable<T>,
  name: (item: T) => LogFields,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      if (ctx.turn) ctx.turn.failed += 1;
      const log = createLog("sweep_failed", ctx.requestId);
      log.set({ ...(ctx.turn && { sweep: ctx.turn.sweep }), ...name(item) });
      log.error(error);
      log.emit("error");
    }
  }
}

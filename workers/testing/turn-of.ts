import type { Ctx } from "../context.ts";
import type { SweepTurn } from "../contracts/sweep-turn.ts";

/** The context in a turn with subrequests enough. */
export const inTurnOf = (ctx: Ctx, sweep: string, left = 1_000): Ctx & { turn: SweepTurn } => ({
  ...ctx,
  turn: { sweep, minute: 0, failed: 0, postponed: 0, left },
});

import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { enqueue } from "../jobs/enqueue.ts";

/** The rollout's job for the box in the statement's part `changed`. */
export const rolloutJob = (ctx: Ctx, rolloutId: string, detail: Record<string, unknown>): SQL =>
  enqueue(ctx, {
    type: "update",
    from: sql`changed`,
    requestedBy: `rollout:${rolloutId}`,
    audit: { action: "box.update", detail },
  });

import * as z from "zod";
import type { Ctx } from "../../context.ts";
import { tellMailbox } from "../jobs/tell-mailbox.ts";

const Row = z.object({ id: z.uuid(), box_id: z.uuid(), seq: z.coerce.number() });

/** Tells a cluster's mailbox of jobs that were just written, all at once; returns how many those are. */
export async function offerRows(ctx: Ctx, clusterId: string, rows: readonly unknown[]): Promise<number> {
  const availableAt = ctx.now().getTime();
  const offers = rows.map((row) => {
    const { id, box_id, seq } = Row.parse(row);
    return { jobId: id, boxId: box_id, seq, availableAt };
  });
  if (offers.length > 0) await tellMailbox(ctx, clusterId, (mailbox) => mailbox.offer(offers));
  return offers.length;
}

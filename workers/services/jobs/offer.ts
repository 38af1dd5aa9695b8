import type { Ctx } from "../../context.ts";
import { requireWebhook } from "../access.ts";
import { findJob } from "./load.ts";

/** Whether anybody waits for jobs of this box. */
export const isBackground = (box: { customerId: string | null }): boolean => box.customerId === null;

/** Puts a queued job into its cluster's mailbox; doubled and late calls change nothing. */
export async function offerJob({
  ctx,
  input,
}: {
  ctx: Ctx;
  input: { jobId: string };
}): Promise<"offered" | "ignored" | "unknown"> {
  requireWebhook(ctx, "qstash");
  const found = await findJob(ctx, input.jobId);
  if (!found) return "unknown";
  const { id, boxId, clusterId, seq, status, type, availableAt } = found.job;
  ctx.log.set({ job_id: id, box_id: boxId, cluster_id: clusterId, job_type: type });
  if (status !== "queued") return "ignored";
  const background = isBackground(found.box);
  await ctx.mailbox(clusterId).offer([{ jobId: id, boxId, seq, availableAt: availableAt.getTime(), background }]);
  return "offered";
}

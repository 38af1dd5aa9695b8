import type { Call } from "../../context.ts";
import { requireWebhook } from "../access.ts";
import { findJob } from "./load.ts";
import { isBackground, makeOffer } from "./make-offer.ts";

/** Puts a queued job into its cluster's mailbox; doubled and late calls change nothing. */
export async function offerJob({ ctx, input }: Call<{ jobId: string }>): Promise<"offered" | "ignored" | "unknown"> {
  requireWebhook(ctx, "qstash");
  const found = await findJob(ctx, input.jobId);
  if (!found) return "unknown";
  const { id, boxId, clusterId, status, type } = found.job;
  ctx.log.set({ job_id: id, box_id: boxId, cluster_id: clusterId, job_type: type });
  if (status !== "queued") return "ignored";
  await ctx.mailbox(clusterId).offer([makeOffer(found.job, isBackground(found.box))]);
  return "offered";
}

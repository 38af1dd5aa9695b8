import type { TransferState } from "#schema/contracts/state-transfer.ts";
import type { Call } from "../../context.ts";
import { ownJob } from "../jobs/load.ts";
import { orderOf, rowOf } from "./orders.ts";

/** The state of this grant's order. Throws `not_found`, `lease_lost`. */
export async function transferState({ ctx, input }: Call<{ jobId: string; fence: number }>): Promise<TransferState> {
  const order = await orderOf(ctx, await ownJob(ctx, input));
  if (!order) return { state: "none" };
  const { status, reason, attemptFence, attemptReason, attemptRetryable, attemptCode } = rowOf(order);
  if (status === "stored" || status === "succeeded") return { state: "succeeded" };
  if (status !== "pending") return { state: "failed", reason: reason ?? "It is over", retryable: false };
  if (attemptFence !== input.fence || attemptReason === null) return { state: "pending" };
  return {
    state: "failed",
    code: attemptCode ?? undefined,
    reason: attemptReason,
    retryable: attemptRetryable ?? false,
  };
}

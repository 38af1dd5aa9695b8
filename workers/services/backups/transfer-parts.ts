/** Passes a backup's parts between a box and the object storage. */
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { partKey } from "./object-keys.ts";
import { type Order, openOrder, rowOf } from "./orders.ts";
import { storageOf } from "./storage.ts";
import type { Transfer } from "./transfer-token.ts";

/** The calling box's order, while its job runs. Throws `lease_lost` afterwards. */
export async function admitTransfer(ctx: Ctx, { orderId, fence }: Transfer): Promise<Order> {
  const order = await openOrder(ctx, orderId, fence);
  const { boxId } = rowOf(order);
  ctx.actor = { kind: "box", boxId };
  ctx.log.set({ box_id: boxId, fence, outcome: order.kind });
  return order;
}

/** Sending a part again replaces it. Also throws `not_found` in a restore, `invalid_request` for other content. */
export async function putPart({
  ctx,
  input,
}: Call<Transfer & { index: number; bytes: number; sha256: string; body: ReadableStream<Uint8Array> }>): Promise<void> {
  const order = await admitTransfer(ctx, input);
  if (order.kind !== "backup") throw new AppError("not_found", "A restore accepts no parts");
  await storageOf(ctx).put(partKey(order.backup, input.index), input.body, input);
}

/** Also throws `not_found` if the backup has no such part. */
export async function getPart({ ctx, input }: Call<Transfer & { index: number }>): Promise<ReadableStream<Uint8Array>> {
  const order = await admitTransfer(ctx, input);
  const known = order.kind === "restore" && input.index < (order.backup.manifest?.parts.length ?? 0);
  const part = known ? await storageOf(ctx).get(partKey(order.backup, input.index)) : undefined;
  if (!part) throw new AppError("not_found", "The backup has no such part");
  return part;
}

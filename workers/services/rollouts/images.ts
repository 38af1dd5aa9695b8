/** The gateway images that boxes may run. */

import { desc, eq, or, sql } from "drizzle-orm";
import type { GatewayImage, ImageList, RegisterImageRequest } from "#schema/contracts/rollouts.ts";
import { auditLog, boxes, clusters, gatewayImages } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { requireScope } from "../access.ts";
import { idFor, keyFrom, once } from "../idempotency/once.ts";

export type ImageRow = typeof gatewayImages.$inferSelect;

export const viewImage = (image: ImageRow): GatewayImage => ({
  id: image.id,
  reference: image.reference,
  openclaw_version: image.openclawVersion,
  state_note: image.stateNote,
  notes: image.notes,
  created_by: image.createdBy,
  created_at: image.createdAt.toISOString(),
});

/** Throws `conflict` if the reference is registered: a registered image never changes. */
export async function registerImage(call: Call<RegisterImageRequest>): Promise<GatewayImage> {
  requireScope(call.ctx, "fleet:write");
  return once(call, register, registeredAgain);
}

const registeredAgain = async ({ ctx }: { ctx: Ctx }): Promise<GatewayImage> =>
  viewImage(await findImage(ctx, await idFor(ctx, "image")));

async function register({ ctx, input }: Call<RegisterImageRequest>): Promise<GatewayImage> {
  const image: ImageRow = {
    id: await idFor(ctx, "image"),
    reference: input.reference,
    openclawVersion: input.openclaw_version,
    stateNote: input.state_note ?? null,
    notes: input.notes ?? null,
    createdBy: actorName(ctx.actor),
    createdAt: ctx.now(),
  };
  await ctx.db.batch([
    ctx.db.insert(gatewayImages).values(image),
    ctx.db.execute(keyFrom(ctx, sql`gateway_images where id = ${image.id}`)),
    ctx.db.insert(auditLog).values({
      actor: image.createdBy,
      action: "image.register",
      subject: image.id,
      requestId: ctx.requestId,
      detail: { reference: image.reference, openclaw: image.openclawVersion },
    }),
  ]);
  return viewImage(image);
}

/** Throws `invalid_request` for one that is not registered. */
export async function findImage(ctx: Ctx, referenceOrId: string): Promise<ImageRow> {
  const byId = sql`${gatewayImages.id}::text = ${referenceOrId}`;
  const [image] = await ctx.db
    .select()
    .from(gatewayImages)
    .where(or(eq(gatewayImages.reference, referenceOrId), byId));
  if (image) return image;
  throw new AppError("invalid_request", "This image is not registered: register it with POST /internal/images first", {
    fields: [{ pointer: "/image", detail: "is not the reference or id of a registered image" }],
  });
}

/** Newest first. They are few: one a release. */
export async function listImages({ ctx }: { ctx: Ctx }): Promise<ImageList> {
  requireScope(ctx, "boxes:read");
  const [images, ofClusters, ofBoxes] = await ctx.db.batch([
    ctx.db.select().from(gatewayImages).orderBy(desc(gatewayImages.createdAt)).limit(200),
    ctx.db.select({ id: clusters.id, imageId: clusters.imageId }).from(clusters),
    ctx.db
      .select({ imageId: boxes.imageId, count: sql<number>`count(*)::int` })
      .from(boxes)
      .where(sql`${boxes.status} <> 'destroyed'`)
      .groupBy(boxes.imageId),
  ]);
  return {
    images: images.map((image) => ({
      ...viewImage(image),
      clusters: ofClusters.flatMap(({ id, imageId }) => (imageId === image.id ? [id] : [])),
      boxes: ofBoxes.find(({ imageId }) => imageId === image.id)?.count ?? 0,
    })),
  };
}

import { eq } from "drizzle-orm";
import { BoxConfig } from "#schema/contracts/box-config.ts";
import type { WantedBox } from "#schema/contracts/wanted-box.ts";
import { boxes } from "#schema/db/schema.ts";
import { sha256Hex } from "#schema/domain/bytes.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import type { BoxRow } from "../boxes/owned-box.ts";
import { configOf, imageOf, restartToken } from "./desired-box.ts";

/** A box's desired state, without its secrets. Throws `not_found`. */
export async function wantedBox({ ctx, input }: Call<{ boxId: string }>): Promise<WantedBox> {
  const [box] = await ctx.db.select().from(boxes).where(eq(boxes.id, input.boxId));
  if (!box) throw new AppError("not_found", "There is no such box");
  const [restart_token, image, config_hash] = await Promise.all([
    restartToken(ctx, box.id),
    imageOf(ctx, box),
    box.desiredStatus === "destroyed" ? null : configHash(ctx, box),
  ]);
  return {
    box_id: box.id,
    generation: box.generation,
    fence: box.fence,
    status: box.desiredStatus,
    tier: box.tier,
    restart_token,
    ...image,
    config_hash,
  };
}

/** The hash that the fleet-agent computes (fleet-agent/drivers/desired/box-config.ts): of the JSON with its fields in the contract's order. */
async function configHash(ctx: Ctx, box: BoxRow): Promise<string> {
  return sha256Hex(JSON.stringify(BoxConfig.parse(await configOf(ctx, box))));
}

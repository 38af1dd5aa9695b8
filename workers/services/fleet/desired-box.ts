import { and, desc, eq, sql } from "drizzle-orm";
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { gatewayImages, operatorJobs, proxyTokens } from "#schema/db/schema.ts";
import { hmac, utf8 } from "#schema/domain/bytes.ts";
import { AppError } from "#schema/domain/errors.ts";
import { tryKeys } from "#schema/domain/key-rotation.ts";
import { MODELS, type ModelId } from "#schema/domain/models.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import { encodeBase64Url } from "../../base64.ts";
import type { Call, Ctx } from "../../context.ts";
import { stateOrder } from "../backups/orders.ts";
import { placeOfBotToken } from "../boxes/bot-token.ts";
import { type BoxRow, isOwned, type OwnedBox } from "../boxes/owned-box.ts";
import { statusWhile } from "../boxes/status-while.ts";
import { type JobWithBox, ownJob } from "../jobs/load.ts";
import { moment } from "../sql.ts";

/** OpenClaw needs a token; in a box of the warm pool this one, which is valid nowhere. */
const NOBODYS = "nobodys";

/** The box's desired state, with its secrets in the clear. Throws `not_found`, `lease_lost`. */
export async function desiredBox({ ctx, input }: Call<{ jobId: string; fence: number }>): Promise<DesiredBox> {
  const found = await ownJob(ctx, input);
  const { box } = found;
  await followDesired(ctx, found);
  return {
    box_id: box.id,
    customer_id: box.customerId,
    generation: box.generation,
    fence: input.fence,
    status: box.desiredStatus,
    tier: box.tier,
    restart_token: await restartToken(ctx, box.id),
    ...(await imageOf(ctx, box)),
    config: box.desiredStatus === "destroyed" ? null : await configOf(ctx, box),
    order: await stateOrder(ctx, found),
  };
}

/** The desired state may have changed since the job's grant: the status shows what really happens. */
async function followDesired(ctx: Ctx, { box, job }: JobWithBox): Promise<void> {
  const status = statusWhile(box, job.type);
  if (status === box.status) return;
  await ctx.db.execute(sql`update boxes set status = ${status}::box_status, updated_at = ${moment(ctx.now())}
    where id = ${box.id} and status = ${box.status}::box_status and fence = ${job.fence}`);
}

export async function restartToken(ctx: Ctx, boxId: string): Promise<string> {
  const [newest] = await ctx.db
    .select({ id: operatorJobs.id })
    .from(operatorJobs)
    .where(and(eq(operatorJobs.boxId, boxId), eq(operatorJobs.type, "restart")))
    .orderBy(desc(operatorJobs.seq))
    .limit(1);
  return newest?.id ?? "0";
}

/** Nothing if the agent's own setting applies. */
export async function imageOf(ctx: Ctx, { imageId }: BoxRow): Promise<Pick<DesiredBox, "image">> {
  if (imageId === null) return {};
  const [image] = await ctx.db.select().from(gatewayImages).where(eq(gatewayImages.id, imageId));
  if (!image) throw new AppError("internal", "The box's image is missing");
  return { image: image.reference };
}

export async function configOf(ctx: Ctx, box: BoxRow): Promise<BoxConfig> {
  const model = MODELS[box.model as ModelId];
  return {
    box_id: box.id,
    generation: box.generation,
    language: box.language,
    thinking_level: box.thinkingLevel,
    system_prompt: TIERS[box.tier].ownSystemPrompt ? box.systemPrompt : null,
    model: {
      id: box.model,
      name: model.name,
      context_window: model.contextWindow,
      max_output_tokens: model.maxOutputTokens,
      images: model.images,
    },
    proxy: { base_url: `${ctx.config.POD_PROXY_URL}/v1`, token: isOwned(box) ? await boxToken(ctx, box) : NOBODYS },
    gateway_token: await gatewayToken(ctx, box.id),
    telegram: {
      bot_token: isOwned(box) ? await ctx.vault.open(placeOfBotToken(box), box.telegramBotTokenSealed) : "",
      allow_from: box.telegramUserIds.map(String),
      api_root: ctx.config.POD_TELEGRAM_API_ROOT,
    },
  };
}

/** Derived again from its row; tries the previous key, too, for a key rotation. */
async function boxToken(ctx: Ctx, box: OwnedBox): Promise<string> {
  const [row] = await ctx.db
    .select()
    .from(proxyTokens)
    .where(and(eq(proxyTokens.boxId, box.id), eq(proxyTokens.status, "active")));
  if (!row) throw new AppError("internal", "The box has no active token");
  const { current, previous } = await ctx.tokenKeys;
  const token = await tryKeys([current, previous], async (key) => {
    const made = await deriveToken({ current: key }, box.customerId, row.id);
    return made.hash === row.tokenHash ? made.token : undefined;
  });
  if (token === undefined) throw new AppError("internal", "The box's token was made with a key that is not configured");
  return token;
}

/** base64url(HMAC-SHA256(TOKEN_KEY_CURRENT, "gateway|<box id>")). */
async function gatewayToken(ctx: Ctx, boxId: string): Promise<string> {
  const { current } = await ctx.tokenKeys;
  return encodeBase64Url(await hmac(current, utf8(`gateway|${boxId}`)));
}

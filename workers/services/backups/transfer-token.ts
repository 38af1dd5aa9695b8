/**
 * A pod's token for the parts of one order: `<fence>.<base64url(HMAC-SHA256(token key, "transfer|<order
 * id>|<fence>"))>`. It is derived, not stored, so it is always the same. It is valid while the job of that fence runs.
 */
import { hmac, isEqual, utf8 } from "#schema/domain/bytes.ts";
import { AppError } from "#schema/domain/errors.ts";
import { tryKeys } from "#schema/domain/key-rotation.ts";
import { decodeBase64Url, encodeBase64Url } from "../../base64.ts";
import type { Ctx } from "../../context.ts";

export async function transferToken(ctx: Ctx, orderId: string, fence: number): Promise<string> {
  const { current } = await ctx.tokenKeys;
  return `${fence}.${encodeBase64Url(await macOf(current, orderId, fence))}`;
}

/** An order, and the fence of the grant that its token was made for. */
export interface Transfer {
  orderId: string;
  fence: number;
}

/** Throws `unauthorized` for a token that is not ours, or another order's. */
export async function verifyTransfer(ctx: Ctx, orderId = "", token = ""): Promise<Transfer> {
  const fence = await fenceOfToken(ctx, orderId, token);
  if (fence === undefined) throw new AppError("unauthorized", "This token is not for this transfer");
  return { orderId, fence };
}

async function fenceOfToken(ctx: Ctx, orderId: string, token: string): Promise<number | undefined> {
  const [, digits = "", text = ""] = /^(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  const mac = decodeBase64Url(text);
  if (!digits || !mac) return undefined;
  const { current, previous } = await ctx.tokenKeys;
  const fence = Number(digits);
  return tryKeys([current, previous], async (key) =>
    isEqual(mac, await macOf(key, orderId, fence)) ? fence : undefined,
  );
}

const macOf = (key: CryptoKey, orderId: string, fence: number): Promise<Uint8Array> =>
  hmac(key, utf8(`transfer|${orderId}|${fence}`));

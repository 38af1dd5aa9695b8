/**
 * What a pod shows to send or fetch the parts of one order: `<fence>.<base64url(HMAC-SHA256(token key, "transfer|<order
 * id>|<fence>"))>`. Derived, not stored: asked again, it is the same. It is good while the job of that fence runs.
 */
import { AppError } from "#schema/domain/errors.ts";
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
  for (const key of previous ? [current, previous] : [current]) {
    if (isSame(mac, await macOf(key, orderId, Number(digits)))) return Number(digits);
  }
  return undefined;
}

async function macOf(key: CryptoKey, orderId: string, fence: number): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder().encode(`transfer|${orderId}|${fence}`);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
}

/** In constant time. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] ?? 0);
  return difference === 0;
}

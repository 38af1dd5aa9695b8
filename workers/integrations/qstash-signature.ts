/**
 * Verifies a QStash delivery (`Upstash-Signature`, a JWT under HS256): stricter than the vendor's receiver,
 * which accepts tokens without `exp`, skips `sub` when no URL is given, and trusts published keys in dev mode.
 */
import { type JWTPayload, jwtVerify } from "jose";
import { sha256, utf8 } from "#schema/domain/bytes.ts";
import { tryKeys } from "#schema/domain/key-rotation.ts";
import { encodeBase64Url } from "../base64.ts";
import type { Config } from "../config.ts";

const TOLERANCE_S = 10;

export interface Delivery {
  signature: string | undefined;
  /** The raw body. */
  body: Uint8Array<ArrayBuffer>;
  /** The configured address of the hook, never one built from the request. */
  url: string;
}

type Keys = Pick<Config, "QSTASH_CURRENT_SIGNING_KEY" | "QSTASH_NEXT_SIGNING_KEY">;

/** The delivery's `jti`; undefined for anything that QStash did not sign for this URL and this body. */
export async function verifyDelivery(keys: Keys, delivery: Delivery, now: Date): Promise<string | undefined> {
  if (!delivery.signature || delivery.signature.length > 4_096) return undefined;
  const { signature, body } = delivery;
  const both = [keys.QSTASH_CURRENT_SIGNING_KEY, keys.QSTASH_NEXT_SIGNING_KEY];
  const claims = await tryKeys(both, (key) => verifyWith(key, delivery, signature, now));
  return claims && (await isOf(claims, body)) ? claims.jti : undefined;
}

async function verifyWith(key: string, { url }: Delivery, token: string, now: Date): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, utf8(key), {
      algorithms: ["HS256"],
      issuer: "Upstash",
      subject: url,
      requiredClaims: ["exp", "nbf", "iat", "jti", "body", "sub"],
      clockTolerance: TOLERANCE_S,
      currentDate: now,
    });
    return payload;
  } catch {
    return undefined;
  }
}

/** QStash pads the hash; others might not. */
async function isOf(claims: JWTPayload, body: Uint8Array<ArrayBuffer>): Promise<boolean> {
  return typeof claims.body === "string" && claims.body.replace(/={1,2}$/, "") === encodeBase64Url(await sha256(body));
}

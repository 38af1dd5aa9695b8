import { createHash } from "node:crypto";
import { SignJWT } from "jose";

/**
 * `Upstash-Signature`: HS256, good for five minutes and for exactly this destination and body, whose hash is base64url
 * *with* padding. Source: https://upstash.com/docs/qstash/features/security
 * @param now milliseconds since 1970
 */
export function signDelivery(key: string, destination: string, body: string, now: number): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  const hash = createHash("sha256").update(body).digest("base64");
  return new SignJWT({ body: hash.replaceAll("+", "-").replaceAll("/", "_") })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(destination)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + 300)
    .setJti(`jwt_${crypto.randomUUID()}`)
    .sign(new TextEncoder().encode(key));
}

import { createHash } from "node:crypto";
import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { verifyDelivery } from "./qstash-signature.ts";

const keys = {
  QSTASH_CURRENT_SIGNING_KEY: "sig_current_key_of_length_32_bytes",
  QSTASH_NEXT_SIGNING_KEY: "sig_next_key",
};
const url = "https://edge.example/hooks/qstash/jobs";
const body = new TextEncoder().encode('{"job_id":"1"}');
const now = new Date("2026-11-20T12:00:00Z");
const seconds = Math.floor(now.getTime() / 1_000);

const claims = (change: JWTPayload = {}): JWTPayload => ({
  iss: "Upstash",
  sub: url,
  iat: seconds,
  nbf: seconds,
  exp: seconds + 300,
  jti: "jti-1",
  body: createHash("sha256").update(body).digest("base64url"),
  ...change,
});

const sign = (payload: JWTPayload, key = keys.QSTASH_CURRENT_SIGNING_KEY, alg = "HS256") =>
  new SignJWT(JSON.parse(JSON.stringify(payload))).setProtectedHeader({ alg }).sign(new TextEncoder().encode(key));

const verify = (signature: string | undefined, at = now) =>
  verifyDelivery(keys, { signature, body: new Uint8Array(body), url }, at);

describe("verifyDelivery", () => {
  it("takes the current and the next key, and a padded hash", async () => {
    expect(await verify(await sign(claims()))).toBe("jti-1");
    expect(await verify(await sign(claims(), keys.QSTASH_NEXT_SIGNING_KEY))).toBe("jti-1");
    expect(await verify(await sign(claims({ body: `${claims().body}=` })))).toBe("jti-1");
  });

  it("tolerates clocks ten seconds apart, not more", async () => {
    const signature = await sign(claims());
    expect(await verify(signature, new Date(now.getTime() - 9_000))).toBe("jti-1");
    expect(await verify(signature, new Date(now.getTime() - 12_000))).toBeUndefined();
    expect(await verify(signature, new Date(now.getTime() + 309_000))).toBe("jti-1");
    expect(await verify(signature, new Date(now.getTime() + 312_000))).toBeUndefined();
  });

  it.each<[string, JWTPayload]>([
    ["another route", { sub: "https://edge.example/hooks/qstash/failed" }],
    ["another host", { sub: "https://evil.example/hooks/qstash/jobs" }],
    ["another issuer", { iss: "Mallory" }],
    ["another body", { body: createHash("sha256").update("{}").digest("base64url") }],
    ["a hash that is no text", { body: 5 }],
  ])("refuses a signature for %s", async (_, change) => {
    expect(await verify(await sign(claims(change)))).toBeUndefined();
  });

  it.each(["iss", "sub", "iat", "nbf", "exp", "jti", "body"])("refuses one without %s", async (claim) => {
    // JSON drops what is undefined.
    expect(await verify(await sign({ ...claims(), [claim]: undefined }))).toBeUndefined();
  });

  it("refuses other keys and algorithms, none included, and what is no signature", async () => {
    expect(await verify(await sign(claims(), "somebody else's key"))).toBeUndefined();
    expect(await verify(await sign(claims(), keys.QSTASH_CURRENT_SIGNING_KEY, "HS512"))).toBeUndefined();
    expect(await verify(new UnsecuredJWT(claims()).encode())).toBeUndefined();
    for (const junk of [undefined, "", "a.b.c", "x".repeat(10_000)]) expect(await verify(junk)).toBeUndefined();
  });

  it("is not fooled by the published keys of QStash's development server", async () => {
    expect(await verify(await sign(claims(), "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r"))).toBeUndefined();
  });
});

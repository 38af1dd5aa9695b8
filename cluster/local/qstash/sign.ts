/** `Upstash-Signature` and the two keys it is made with. Source: docs "security", "roll-signing-keys". */
import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import { newId } from "./ids.ts";
import type { Table } from "./store.ts";

export interface SigningKeys {
  current: string;
  next: string;
}

/** A signature lives five minutes. */
const LIFETIME_SECONDS = 300;

/**
 * HS256 over issuer, destination (`sub`, exactly as it was published), times, `jti` and the body's hash. The hash
 * is base64url *with* padding, as QStash sends it.
 */
export function signDelivery(key: string, destination: string, body: Uint8Array, now: number): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  const hash = createHash("sha256").update(body).digest("base64");
  return new SignJWT({ body: hash.replaceAll("+", "-").replaceAll("/", "_") })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(destination)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + LIFETIME_SECONDS)
    .setJti(newId("jwt"))
    .sign(new TextEncoder().encode(key));
}

export interface KeyRing {
  keys(): SigningKeys;
  /** current := next, next := a new key. Two rotations without a deployment in between lock every receiver out. */
  rotate(): SigningKeys;
}

export function createKeyRing(table: Table<SigningKeys>, configured: SigningKeys): KeyRing {
  const stored = () => table.get(RING) ?? configured;
  return {
    keys: stored,
    rotate() {
      const rotated = { current: stored().next, next: newId("sig") };
      table.set(RING, rotated);
      return rotated;
    },
  };
}

const RING = "ring";

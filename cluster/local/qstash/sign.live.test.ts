import { Receiver } from "@upstash/qstash";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Destination, startDestination } from "./testing/destination.ts";
import { type Running, startQStash } from "./testing/running.ts";

// The SDK's receiver reads the real time, so nothing stands still here.
let qstash: Running;
let destination: Destination;

beforeEach(async () => {
  [qstash, destination] = await Promise.all([startQStash(), startDestination()]);
});

afterEach(async () => {
  await qstash.close();
  await destination.close();
});

const receiver = (keys: { current: string; next: string }) =>
  new Receiver({ currentSigningKey: keys.current, nextSigningKey: keys.next, devMode: false });

const signatures = () => destination.requests.map(({ headers }) => headers["upstash-signature"] ?? "");

async function rotate(): Promise<{ current: string; next: string }> {
  const headers = { Authorization: `Bearer ${qstash.token}` };
  const response = await fetch(`${qstash.url}/v2/keys/rotate`, { method: "POST", headers });
  return (await response.json()) as { current: string; next: string };
}

test("the SDK's receiver accepts a delivery for exactly this destination and body, under these keys only", async () => {
  const url = `${destination.url}/hook/a%20b?x=1&y=%2F`;
  await qstash.client.publishJSON({ url, body: { job: 1 } });
  await qstash.idle();
  const [signature = ""] = signatures();
  const body = '{"job":1}';

  await expect(receiver(qstash.keys).verify({ signature, body, url })).resolves.toBe(true);
  const decoded = decodeURIComponent(url);
  await expect(receiver(qstash.keys).verify({ signature, body, url: decoded })).rejects.toThrow("subject");
  await expect(receiver(qstash.keys).verify({ signature, body: '{"job":2}', url })).rejects.toThrow("body hash");
  const strangers = receiver({ current: "sig_a", next: "sig_b" });
  await expect(strangers.verify({ signature, body, url })).rejects.toThrow("signature");
});

test("claims: HS256, five minutes, a fresh jti for every delivery, the body's hash padded", async () => {
  const before = Math.floor(Date.now() / 1_000);
  const url = `${destination.url}/hook`;
  await qstash.client.batch([
    { url, body: "test" },
    { url, body: "test" },
  ]);
  await qstash.idle();
  const [first = "", second = ""] = signatures();
  expect(decodeProtectedHeader(first)).toEqual({ alg: "HS256", typ: "JWT" });
  const claims = decodeJwt(first);
  expect(claims).toMatchObject({ iss: "Upstash", sub: url, body: "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg=" });
  expect(claims.iat).toBeGreaterThanOrEqual(before);
  expect(claims.nbf).toBe(claims.iat);
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  expect(decodeJwt(second).jti).not.toBe(claims.jti);
});

test("after one rotation old receivers accept through their next key, after two they accept nothing", async () => {
  const url = `${destination.url}/hook`;
  const rotated = await rotate();
  expect(rotated.current).toBe(qstash.keys.next);
  await qstash.client.publish({ url, body: "one" });
  await qstash.idle();
  const again = await rotate();
  expect(again.current).toBe(rotated.next);
  await qstash.client.publish({ url, body: "two" });
  await qstash.idle();

  const [one = "", two = ""] = signatures();
  await expect(receiver(qstash.keys).verify({ signature: one, body: "one", url })).resolves.toBe(true);
  await expect(receiver(qstash.keys).verify({ signature: two, body: "two", url })).rejects.toThrow("signature");
  await expect(receiver(again).verify({ signature: two, body: "two", url })).resolves.toBe(true);
});

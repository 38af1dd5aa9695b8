/** `/fleet/*` to a stranger: 401, whatever is sent. On PGlite; the mailbox is played and takes every assertion. */
import fc from "fast-check";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { openApp, type TestApp } from "../testing/open-app.ts";
import { seedCluster } from "../testing/seed.ts";

const KID = "k1";
const ORDER = "/fleet/transfers/7c9e6679-7425-40de-944b-e07fc1f90ae7";
const REQUESTS: [method: string, path: string][] = [
  ["POST", "/fleet/poll"],
  ["POST", "/fleet/health"],
  ["GET", "/fleet/boxes?cursor=%00"],
  ["PUT", `${ORDER}/parts/x`],
  ["GET", `${ORDER}/parts/-1`],
  ["POST", `${ORDER}/result`],
  ["POST", "/fleet/transfers/x/result"],
];
const PATHS = ["/fleet/boxes", "/fleet/mailbox", "/fleet/jobs/x/box"];
let standIn: TestNeon;
let app: TestApp;
let key: CryptoKey;
const CLUSTER = "c1";

beforeAll(async () => {
  vi.spyOn(console, "log").mockReturnValue();
  standIn = await overPglite();
  app = await openApp(standIn);
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  key = pair.privateKey;
  await seedCluster(app.db, { id: CLUSTER, agentKeys: [{ ...(await exportJWK(pair.publicKey)), kid: KID } as never] });
});
afterAll(async () => {
  await app.close();
  await standIn.close();
});

const statusOf = async (token: string, path = "/fleet/boxes") =>
  (await app.request(path, { headers: { authorization: `Bearer ${token}` } })).status;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const seconds = () => Math.floor(Date.now() / 1_000);
const goodClaims = () => ({
  iss: CLUSTER,
  aud: "https://cloud.example.com",
  jti: crypto.randomUUID(),
  iat: seconds(),
  exp: seconds() + 60,
});
const goodHeader = { alg: "EdDSA", kid: KID, typ: "JWT" };
const sign = (claims: object, header: object = goodHeader) =>
  new SignJWT(claims as never).setProtectedHeader(header as never).sign(key);

test("the agent's own assertion is taken: what follows is refused for what it says", async () => {
  expect(await statusOf(await sign(goodClaims()))).toBe(200);
});

/** What JSON can say, with what is likely to be mistaken for something else. */
const json = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(0, -1, 1e308, 2 ** 53, true, null, "", [], {}, "c".repeat(1_000), [CLUSTER], {
    length: 1,
  }),
);
const NAMES = ["iss", "aud", "jti", "iat", "exp", "nbf", "sub", "__proto__", "constructor"];
const named = (names: string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...names), json), { minLength: 1 }).map((pairs) => Object.fromEntries(pairs));

test("a header and claims of any kind, under any signature, are 401", async () => {
  const parts = fc.tuple(
    fc.oneof(named(["alg", "kid", "typ", "crit", "b64", "jwk", "zip", "__proto__"]), json),
    fc.oneof(named(NAMES), json),
    fc.oneof(fc.base64String(), fc.constant("")),
    fc.constantFrom(...PATHS),
  );
  await fc.assert(
    fc.asyncProperty(parts, async ([header, claims, signature, path]) => {
      expect(await statusOf(`${encode(header)}.${encode(claims)}.${signature}`, path)).toBe(401);
    }),
    { numRuns: 500 },
  );
});

test("so is an agent's good signature under claims and headers that are not an agent's", async () => {
  const wrong: unknown[] = [0, 1, -1, 1.5, 1e308, true, null, "", " ", [], {}, [CLUSTER], "x".repeat(70_000)];
  const changed = fc.tuple(
    fc.constantFrom("iss", "aud", "jti", "iat", "exp"),
    fc.oneof(json, fc.constantFrom(...wrong)),
  );
  await fc.assert(
    fc.asyncProperty(changed, async ([name, value]) => {
      const claims = { ...goodClaims(), [name]: value };
      const asAgents = name === "jti" && typeof value === "string" && value !== "" && value.length <= 64;
      const itself = value === goodClaims()[name as never] || (name === "aud" && isAudience(value));
      expect(await statusOf(await sign(claims))).toBe(asAgents || itself ? 200 : 401);
    }),
    { numRuns: 300 },
  );
  for (const kid of [undefined, null, 1, [KID], { k: KID }, "k2", "x".repeat(3_000)]) {
    expect(await statusOf(await sign(goodClaims(), { ...goodHeader, kid }))).toBe(401);
  }
});

const isAudience = (value: unknown) => Array.isArray(value) && value.includes("https://cloud.example.com");

test("and what is no token at all", async () => {
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.base64String(),
    fc.constantFrom("..", "a.b.c", "e30.e30.", "e30.bnVsbA.", "bnVsbA.e30."),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(...REQUESTS), async (header, [method, path]) => {
      const headers = new Headers({ "content-type": "application/json" });
      try {
        headers.set("authorization", `Bearer ${header}`);
      } catch {
        return fc.pre(false);
      }
      const body = method === "GET" ? null : header;
      expect((await app.request(path, { method, headers, body })).status).toBe(401);
    }),
    { numRuns: 500 },
  );
});

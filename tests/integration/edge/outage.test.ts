/** The edge with everything behind it down: clear answers, no hanging, nothing lost that was accepted. */
import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readLocalConfig } from "#cluster/local/config.ts";
import { type Edge, startEdge } from "#cluster/local/edge.ts";
import { edgeVars } from "#cluster/local/edge-vars.ts";
import { type LocalSecrets, localSecrets } from "#cluster/local/secrets.ts";
import { Operator } from "#tests/harness/operator.ts";

const PUBLIC_URL = "http://edge.test";
/** Nothing listens on the discard port. */
const DISCARD = "http://127.0.0.1:9";
const NOWHERE = {
  telegram: DISCARD,
  chats: DISCARD,
  mail: DISCARD,
  qstash: DISCARD,
  neon: DISCARD,
  redis: DISCARD,
  model: DISCARD,
  s3: DISCARD,
};

let edge: Edge;
let secrets: LocalSecrets;
beforeAll(async () => {
  secrets = await localSecrets();
  const vars = edgeVars(readLocalConfig({ PORT: "0" }), secrets, { ...NOWHERE, edge: PUBLIC_URL });
  edge = await startEdge({ bundle: inject("bundle"), vars });
});
afterAll(() => edge.close());

async function deliver(message: unknown): Promise<Response> {
  const body = JSON.stringify(message);
  const signature = await new SignJWT({ body: createHash("sha256").update(body).digest("base64url") })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("Upstash")
    .setSubject(`${PUBLIC_URL}/hooks/qstash/jobs`)
    .setIssuedAt()
    .setNotBefore("0s")
    .setExpirationTime("5m")
    .setJti(crypto.randomUUID())
    .sign(new TextEncoder().encode(secrets.qstashCurrentKey));
  const headers = { "upstash-signature": signature, "content-type": "application/json" };
  return fetch(`${edge.url}/hooks/qstash/jobs`, { method: "POST", headers, body });
}

describe("with everything down", () => {
  test("operators get a 503 that says when to try again", async () => {
    const operator = new Operator(edge.url, secrets.operatorKey);
    for (const path of ["/internal/boxes", "/internal/jobs"]) {
      const response = await operator.send("GET", path);
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    }
    const change = await operator.problem("POST", "/internal/suspend/7c9e6679-7425-40de-944b-e07fc1f90ae7");
    expect(change).toMatchObject({ status: 503, code: "upstream_unavailable" });
  });

  test("QStash is asked to come back, and poison is still known as poison", async () => {
    const id = crypto.randomUUID();
    const response = await deliver({ job_id: id, box_id: id, cluster_id: "local" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await deliver({ hello: "world" })).status).toBe(489);
  });

  test("who is not known is still refused, and the edge is still alive", async () => {
    expect((await new Operator(edge.url, "wrong").problem("GET", "/internal/boxes")).status).toBe(401);
    expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
  });
});

/** Deliveries of the queue: doubled, forged, lost. The outbox and the fence decide, not the message. */
import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Accepted } from "#schema/contracts/internal.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

interface Forgery {
  key?: string;
  destination?: string;
  body?: string;
  issuer?: string;
  expires?: string;
  algorithm?: string;
}

/** A delivery to the hook, signed as QStash signs, but for what the forgery changes. */
async function deliver(message: unknown, forgery: Forgery = {}): Promise<Response> {
  const body = JSON.stringify(message);
  const destination = `${edge.stack.url}/hooks/qstash/jobs`;
  const signature = await new SignJWT({
    body: createHash("sha256")
      .update(forgery.body ?? body)
      .digest("base64url"),
  })
    .setProtectedHeader({ alg: forgery.algorithm ?? "HS256" })
    .setIssuer(forgery.issuer ?? "Upstash")
    .setSubject(forgery.destination ?? destination)
    .setIssuedAt()
    .setNotBefore("0s")
    .setExpirationTime(forgery.expires ?? "5m")
    .setJti(`jti-${Math.random()}`)
    .sign(new TextEncoder().encode(forgery.key ?? edge.stack.secrets.qstashCurrentKey));
  return fetch(destination, {
    method: "POST",
    headers: { "content-type": "application/json", "upstash-signature": signature },
    body,
  });
}

/** Everything that a delivery could change. */
async function state(boxId: string): Promise<unknown> {
  return edge.stack.services.neon.query(
    `select b.status, b.fence, b.generation, (select json_agg(j order by seq) from operator_jobs j where j.box_id = b.id) as jobs,
       (select count(*)::int from operator_jobs) as all_jobs, (select count(*)::int from proxy_tokens where box_id = b.id and status = 'active') as tokens
     from boxes b where b.id = $1`,
    [boxId],
  );
}

const messageOf = ({ box, job }: Accepted) => ({ job_id: job.id, box_id: box.id, cluster_id: box.cluster_id });

describe("without an agent, a job waits", () => {
  test("a hundred doubled deliveries are accepted and change nothing", async () => {
    const accepted = await edge.provision();
    await edge.stack.services.qstash.idle();
    const before = await state(accepted.box.id);
    const answers = await Promise.all(Array.from({ length: 100 }, () => deliver(messageOf(accepted))));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(await state(accepted.box.id)).toEqual(before);
  });

  test("a delivery signed with the next key is good: keys can be rolled", async () => {
    const accepted = await edge.provision();
    expect((await deliver(messageOf(accepted), { key: edge.stack.secrets.qstashNextKey })).status).toBe(200);
  });

  test.each<[string, Forgery]>([
    ["another key", { key: "sig_somebody_elses_key_of_good_length" }],
    ["another route's signature", { destination: "http://127.0.0.1/hooks/qstash/failed" }],
    ["another host's signature", { destination: "https://evil.example/hooks/qstash/jobs" }],
    ["another body's signature", { body: "{}" }],
    ["another issuer", { issuer: "Mallory" }],
    ["an old signature", { expires: "-1m" }],
    ["another algorithm", { algorithm: "HS512" }],
  ])("a forged delivery is refused: %s", async (_, forgery) => {
    const accepted = await edge.provision();
    await edge.stack.services.qstash.idle();
    const before = await state(accepted.box.id);
    const response = await deliver(messageOf(accepted), forgery);
    expect(response.status).toBe(401);
    expect(await state(accepted.box.id)).toEqual(before);
  });

  test("a delivery without a signature is refused", async () => {
    const response = await fetch(`${edge.stack.url}/hooks/qstash/jobs`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(401);
  });

  test.each([
    [
      "a job that nobody made",
      {
        job_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        box_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        cluster_id: "local",
      },
    ],
    ["no ids at all", { hello: "world" }],
  ])("poison is not tried again: %s", async (_, message) => {
    const response = await deliver(message);
    expect(response.status).toBe(489);
    expect(response.headers.get("upstash-nonretryable-error")).toBe("true");
  });
});

describe("with QStash down", () => {
  test("the call is still accepted, and the sweeper brings the job to the agent", async () => {
    const { agent } = edge;
    edge.stack.services.qstash.faults.failPublishes(100);
    const { job } = await edge.provision();
    expect(job.status).toBe("queued");
    const grant = await until("the sweeper to offer the job", async () => {
      await edge.stack.edge.runCron();
      return (await agent.poll()).find((granted) => granted.job_id === job.id);
    });
    expect(grant).toMatchObject({ type: "provision", fence: 1, attempt: 1 });
    edge.stack.services.qstash.faults.failPublishes(0);
  });

  test("a job that is due reaches its agent at once, from the edge itself", async () => {
    edge.stack.services.qstash.faults.failPublishes(100);
    const { job } = await edge.provision();
    expect(await edge.grantOf(job.id)).toMatchObject({ type: "provision", attempt: 1 });
    edge.stack.services.qstash.faults.failPublishes(0);
  });
});

describe("an agent that holds a job", () => {
  test("is the only one; a doubled delivery gives it to nobody else, and only its fence completes it", async () => {
    const { agent } = edge;
    const accepted = await edge.provision();
    const grant = await edge.grantOf(accepted.job.id);
    await deliver(messageOf(accepted));
    expect((await agent.poll(0, [grant])).map((granted) => granted.job_id)).not.toContain(accepted.job.id);

    const desired = await agent.desired(grant);
    expect(desired).toMatchObject({ box_id: accepted.box.id, status: "active", generation: 1, fence: grant.fence });
    const stale = await agent.complete(grant.job_id, {
      outcome: "succeeded",
      fence: grant.fence - 1,
      observed_generation: 1,
    });
    expect(stale.status).toBe(409);
    expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "running" });

    const done = await agent.complete(grant.job_id, {
      outcome: "succeeded",
      fence: grant.fence,
      observed_generation: desired.generation,
    });
    expect(done.ok).toBe(true);
    expect(await edge.operator.box(accepted.box.id)).toMatchObject({ status: "active", observed_generation: 1 });
    const before = await state(accepted.box.id);
    expect((await deliver(messageOf(accepted))).status).toBe(200);
    expect(
      (await agent.complete(grant.job_id, { outcome: "succeeded", fence: grant.fence, observed_generation: 1 })).status,
    ).toBe(409);
    expect(await state(accepted.box.id)).toEqual(before);
    expect((await agent.poll()).map((granted) => granted.job_id)).not.toContain(grant.job_id);
  });

  test("gets the same box token however often it asks", async () => {
    const { agent } = edge;
    const accepted = await edge.provision();
    const grant = await edge.grantOf(accepted.job.id);
    const [first, second] = [await agent.desired(grant), await agent.desired(grant)];
    expect(second).toEqual(first);
    const tokens = await edge.stack.services.neon.query(
      "select token_hash from proxy_tokens where box_id = $1 and status = 'active'",
      [accepted.box.id],
    );
    const hash = createHash("sha256")
      .update(first.config?.proxy.token ?? "")
      .digest("hex");
    expect(tokens).toEqual([{ token_hash: hash }]);
  });
});

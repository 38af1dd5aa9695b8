/** Deliveries of the queue: doubled, forged, lost. The outbox and the fence decide, not the message. */
import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { localSecrets } from "#cluster/local/secrets.ts";
import { type Stack, startStack } from "#cluster/local/stack.ts";
import type { Accepted } from "#schema/contracts/internal.ts";
import { FleetClient } from "#tests/harness/fleet.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";

let stack: Stack;
let operator: Operator;

beforeAll(async () => {
  stack = await startStack({ bundle: inject("bundle") });
  operator = new Operator(stack.url, stack.secrets.operatorKey);
});

afterAll(async () => {
  await stack.close();
});

let made = 0;
async function provision(): Promise<Accepted> {
  made += 1;
  const bot = stack.services.telegram.createBot({ username: `delivery${made}_bot`, name: "Delivery" });
  return operator.provision({
    customer_email: `delivery${made}@example.com`,
    telegram_bot_token: bot.token,
    telegram_user_id: 1001,
    tier: "starter",
  });
}

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
  const destination = `${stack.url}/hooks/qstash/jobs`;
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
    .sign(new TextEncoder().encode(forgery.key ?? stack.secrets.qstashCurrentKey));
  return fetch(destination, {
    method: "POST",
    headers: { "content-type": "application/json", "upstash-signature": signature },
    body,
  });
}

/** Everything that a delivery could change. */
async function state(boxId: string): Promise<unknown> {
  return stack.services.neon.query(
    `select b.status, b.fence, b.generation, (select json_agg(j order by seq) from operator_jobs j where j.box_id = b.id) as jobs,
       (select count(*)::int from operator_jobs) as all_jobs, (select count(*)::int from proxy_tokens where box_id = b.id and status = 'active') as tokens
     from boxes b where b.id = $1`,
    [boxId],
  );
}

const messageOf = ({ box, job }: Accepted) => ({ job_id: job.id, box_id: box.id, cluster_id: box.cluster_id });

describe("without an agent, a job waits", () => {
  test("a hundred doubled deliveries are accepted and change nothing", async () => {
    const accepted = await provision();
    await stack.services.qstash.idle();
    const before = await state(accepted.box.id);
    const answers = await Promise.all(Array.from({ length: 100 }, () => deliver(messageOf(accepted))));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(await state(accepted.box.id)).toEqual(before);
  });

  test("a delivery signed with the next key is good: keys can be rolled", async () => {
    const accepted = await provision();
    expect((await deliver(messageOf(accepted), { key: stack.secrets.qstashNextKey })).status).toBe(200);
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
    const accepted = await provision();
    await stack.services.qstash.idle();
    const before = await state(accepted.box.id);
    const response = await deliver(messageOf(accepted), forgery);
    expect(response.status).toBe(401);
    expect(await state(accepted.box.id)).toEqual(before);
  });

  test("a delivery without a signature is refused", async () => {
    const response = await fetch(`${stack.url}/hooks/qstash/jobs`, {
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
    const agent = new FleetClient(stack.url, stack.secrets.agentKey);
    stack.services.qstash.faults.failPublishes(100);
    const { job } = await provision();
    expect(job.status).toBe("queued");
    const grant = await until("the sweeper to offer the job", async () => {
      await stack.edge.runCron();
      return (await agent.poll()).find((granted) => granted.job_id === job.id);
    });
    expect(grant).toMatchObject({ type: "provision", fence: 1, attempt: 1 });
    stack.services.qstash.faults.failPublishes(0);
  });
});

describe("an agent that holds a job", () => {
  test("is the only one; a doubled delivery gives it to nobody else, and only its fence completes it", async () => {
    const agent = new FleetClient(stack.url, stack.secrets.agentKey);
    const accepted = await provision();
    const grant = await until("the grant", async () =>
      (await agent.poll()).find((granted) => granted.job_id === accepted.job.id),
    );
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
    expect(await operator.job(grant.job_id)).toMatchObject({ status: "running" });

    const done = await agent.complete(grant.job_id, {
      outcome: "succeeded",
      fence: grant.fence,
      observed_generation: desired.generation,
    });
    expect(done.ok).toBe(true);
    expect(await operator.box(accepted.box.id)).toMatchObject({ status: "active", observed_generation: 1 });
    const before = await state(accepted.box.id);
    expect((await deliver(messageOf(accepted))).status).toBe(200);
    expect(
      (await agent.complete(grant.job_id, { outcome: "succeeded", fence: grant.fence, observed_generation: 1 })).status,
    ).toBe(409);
    expect(await state(accepted.box.id)).toEqual(before);
    expect((await agent.poll()).map((granted) => granted.job_id)).not.toContain(grant.job_id);
  });

  test("gets the same box token however often it asks", async () => {
    const agent = new FleetClient(stack.url, stack.secrets.agentKey);
    const accepted = await provision();
    const grant = await until("the grant", async () =>
      (await agent.poll()).find((granted) => granted.job_id === accepted.job.id),
    );
    const [first, second] = [await agent.desired(grant), await agent.desired(grant)];
    expect(second).toEqual(first);
    const tokens = await stack.services.neon.query(
      "select token_hash from proxy_tokens where box_id = $1 and status = 'active'",
      [accepted.box.id],
    );
    const hash = createHash("sha256")
      .update(first.config?.proxy.token ?? "")
      .digest("hex");
    expect(tokens).toEqual([{ token_hash: hash }]);
  });
});

describe("who is no agent", () => {
  test.each<[string, (agent: FleetClient) => Promise<string>]>([
    ["another key", async () => new FleetClient(stack.url, (await localSecrets()).agentKey).assertion()],
    ["another cluster's name", () => new FleetClient(stack.url, stack.secrets.agentKey, "elsewhere").assertion()],
    ["another audience", (agent) => agent.assertion({ audience: "https://evil.example" })],
    ["an assertion that lives too long", (agent) => agent.assertion({ expires: "1h" })],
    ["an old assertion", (agent) => agent.assertion({ expires: "-1m" })],
  ])("is refused: %s", async (_, forge) => {
    const agent = new FleetClient(stack.url, stack.secrets.agentKey);
    const response = await agent.send("POST", "/fleet/poll", { capacity: 1, running: [], wait: 0 }, await forge(agent));
    expect(response.status).toBe(401);
  });

  test("an assertion works once", async () => {
    const agent = new FleetClient(stack.url, stack.secrets.agentKey);
    const once = await agent.assertion();
    const poll = () => agent.send("POST", "/fleet/poll", { capacity: 0, running: [], wait: 0 }, once);
    expect((await poll()).status).toBe(200);
    expect((await poll()).status).toBe(401);
  });

  test("an operator's key opens no fleet route, nor the other way round", async () => {
    const agent = new FleetClient(stack.url, stack.secrets.agentKey);
    const asOperator = await agent.send(
      "POST",
      "/fleet/poll",
      { capacity: 0, running: [], wait: 0 },
      stack.secrets.operatorKey,
    );
    expect(asOperator.status).toBe(401);
    expect((await new Operator(stack.url, await agent.assertion()).send("GET", "/internal/boxes")).status).toBe(401);
  });
});

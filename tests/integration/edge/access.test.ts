/** Who may do what, how it is refused, and what leaks nowhere. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const ALL = ["boxes:read", "boxes:write", "jobs:read", "jobs:write", "tokens:read", "tokens:write"];
const READER = "oc_ops_reader";
const ADMIN = "oc_ops_admin";

let edge: EdgeTest;
beforeAll(async () => {
  const keys = [
    {
      name: "reader",
      sha256: sha256(READER),
      scopes: ["boxes:read", "jobs:read", "tokens:read", "usage:read", "audit:read"],
    },
    { name: "admin", sha256: sha256(ADMIN), scopes: ALL },
  ];
  // Redis is named, and down: whatever follows works without it.
  const vars = { INTERNAL_KEYS: JSON.stringify(keys), UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9" };
  edge = await startEdgeTest({ vars, operatorKey: ADMIN });
});
afterAll(() => edge.close());

describe("an operator's key", () => {
  const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
  const routes: [string, string, "read" | "write"][] = [
    ["POST", "/internal/provision", "write"],
    ["GET", "/internal/boxes", "read"],
    ["GET", `/internal/boxes/${ID}`, "read"],
    ["GET", "/internal/jobs", "read"],
    ["GET", `/internal/jobs/${ID}`, "read"],
    ["POST", `/internal/jobs/${ID}/retry`, "write"],
    ["POST", `/internal/jobs/${ID}/cancel`, "write"],
    ["POST", `/internal/clusters/${ID}/revoke-agent-key`, "write"],
    ["POST", `/internal/clusters/${ID}/drain`, "write"],
    ["POST", `/internal/clusters/${ID}/resume`, "write"],
    ["POST", `/internal/clusters/${ID}/reconcile`, "write"],
    ["GET", `/internal/clusters/${ID}/comparison`, "read"],
    ["GET", `/internal/clusters/${ID}/pool`, "read"],
    ["PUT", `/internal/clusters/${ID}/pool`, "write"],
    ["GET", "/internal/fleet", "read"],
    ["GET", "/internal/audit", "read"],
    ["GET", "/internal/key", "read"],
    ["GET", `/internal/boxes/${ID}/wanted`, "read"],
    ["GET", "/internal/backups", "read"],
    ["GET", `/internal/backups/${ID}`, "read"],
    ["POST", `/internal/backups/${ID}/restore`, "write"],
    ["GET", "/internal/images", "read"],
    ["POST", "/internal/images", "write"],
    ["GET", "/internal/rollouts", "read"],
    ["POST", "/internal/rollouts", "write"],
    ["GET", `/internal/rollouts/${ID}`, "read"],
    ["POST", `/internal/rollouts/${ID}/pause`, "write"],
    ["POST", `/internal/rollouts/${ID}/resume`, "write"],
    ["POST", `/internal/rollouts/${ID}/abort`, "write"],
    ["POST", `/internal/boxes/${ID}/rollout-order`, "write"],
    ["GET", "/internal/metrics", "read"],
    ["GET", "/internal/usage", "read"],
    ["GET", "/internal/tokens", "read"],
    ["POST", "/internal/tokens", "write"],
    ["POST", "/internal/tokens/lookup", "read"],
    ["GET", `/internal/tokens/${ID}`, "read"],
    ["POST", `/internal/tokens/${ID}/rotate`, "write"],
    ["POST", `/internal/tokens/${ID}/revoke`, "write"],
    ...["suspend", "reactivate", "destroy", "restart", "resize", "update", "backup"].map(
      (verb): [string, string, "write"] => ["POST", `/internal/${verb}/${ID}`, "write"],
    ),
  ];

  test.each(routes)("%s %s: 401 without, 401 with a wrong one, 403 without the scope", async (method, path, need) => {
    for (const key of [undefined, "oc_ops_wrong", `${READER} `.trim().toUpperCase()]) {
      const refused = await new Operator(edge.stack.url, key).problem(method, path);
      expect(refused).toMatchObject({ status: 401, code: "unauthorized" });
    }
    const asReader = await new Operator(edge.stack.url, READER).send(method, path);
    if (need === "write") expect(asReader.status).toBe(403);
    else expect([200, 400, 404]).toContain(asReader.status);
  });

  test("every documented operation is in that table, and every answer but success is a problem", async () => {
    const document = (await (await fetch(`${edge.stack.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { security?: unknown }>>;
    };
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(path.startsWith("/internal/") ? item : {}).map(
        (method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/, ID)}`,
      ),
    );
    expect(documented.sort()).toEqual(routes.map(([method, path]) => `${method} ${path}`).sort());
    expect(JSON.stringify(document)).toContain('"securitySchemes":{"operatorKey"');
  });
});

describe("what surrounds the routes", () => {
  test("a wrong method is a 405 that names the right ones", async () => {
    const response = await edge.operator.send("DELETE", "/internal/boxes");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const options = await edge.operator.send("OPTIONS", "/internal/provision");
    expect([options.status, options.headers.get("allow")]).toEqual([204, "OPTIONS, POST"]);
  });

  test("the reference is one page that loads nothing from elsewhere", async () => {
    const page = await (await fetch(`${edge.stack.url}/reference`)).text();
    expect(page).toContain("/internal/provision");
    expect(page).not.toMatch(/<script|src=|https?:\/\/(?!127)/);
  });

  test("health: shallow for all, deep for operators, and honest about Redis", async () => {
    const health = await fetch(`${edge.stack.url}/healthz`);
    expect(await health.json()).toMatchObject({ ok: true, version: expect.any(String) });
    expect((await fetch(`${edge.stack.url}/healthz?deep=1`)).status).toBe(401);
    const deep = await edge.operator.send("GET", "/healthz?deep=1");
    expect(deep.status).toBe(503);
    expect(await deep.json()).toMatchObject({
      ok: false,
      services: { database: { ok: true }, redis: { ok: false }, qstash: { ok: true } },
    });
  });

  test("every answer has a request id, and the log has the same", async () => {
    const response = await edge.operator.send("GET", "/internal/boxes");
    const id = response.headers.get("x-request-id") ?? "";
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const line = await until("the log line", () => edge.logs.find((text) => text.includes(id)));
    expect(JSON.parse(line)).toMatchObject({ route: "/internal/boxes", status: 200, actor: "operator:admin" });
  });
});

describe("lists", () => {
  test("boxes: filters, a search that takes text literally, and pages without a gap", async () => {
    const { box } = await edge.provision();
    const find = async (query: string) => (await edge.operator.boxes(query)).map(({ id }) => id);
    expect(await find(`?email=${encodeURIComponent((box.customer_email ?? "").toUpperCase())}`)).toEqual([box.id]);
    expect(await find(`?q=${box.telegram_bot_username}`)).toEqual([box.id]);
    expect(await find(`?q=${box.namespace}`)).toEqual([box.id]);
    expect(await find("?q=%25")).toEqual([]);
    expect(await find("?status=destroyed")).toEqual([]);
    expect(await find("?cluster=elsewhere")).toEqual([]);
    expect((await edge.operator.problem("GET", "/internal/boxes?status=sleepy")).errors?.[0]?.pointer).toBe("/status");
    const stale = Buffer.from(`9999-99-99T99:99:99.999Z|${"-".repeat(36)}`).toString("base64url");
    for (const unfit of ["cursor=junk", `cursor=${stale}`, "q=%00"]) {
      expect((await edge.operator.problem("GET", `/internal/boxes?${unfit}`)).status, unfit).toBe(400);
    }

    await edge.query(
      `with c as (insert into customers (id, email) select gen_random_uuid(), 'page' || i || '@example.com' from generate_series(1, 120) i returning id),
       s as (insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
         select gen_random_uuid(), id, 'starter', 'active', now(), now() + interval '1 month' from c returning id, customer_id)
       insert into boxes (id, customer_id, subscription_id, cluster_id, tier, model, thinking_level, language, telegram_bot_id,
         telegram_bot_username, telegram_bot_token_sealed, telegram_user_ids)
       select gen_random_uuid(), customer_id, id, 'local', 'starter', 'kimi-coding/k2p5', 'low', 'en', row_number() over () + 5000,
         'page_bot', 'v1.x', array[1] from s`,
    );
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const response = await edge.operator.send("GET", `/internal/boxes?q=page_bot${cursor && `&cursor=${cursor}`}`);
      const page = (await response.json()) as { boxes: { id: string }[]; next_cursor: string | null };
      seen.push(...page.boxes.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect([seen.length, new Set(seen).size]).toEqual([120, 120]);
  });
});

describe("the same key many times", () => {
  test("twenty identical requests at once have one effect and one answer", async () => {
    const order = await edge.order();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        edge.operator.send("POST", "/internal/provision", order, { "idempotency-key": "many" }),
      ),
    );
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    expect(new Set(bodies.map((body) => JSON.stringify(JSON.parse(body).job.id))).size).toBe(1);
    const [{ n }] = (await edge.query(
      "select count(*)::int n from boxes b join customers c on c.id = b.customer_id where c.email = $1",
      [order.customer_email],
    )) as [{ n: number }];
    expect(n).toBe(1);
  });

  test("what failed is not kept: the same key may be tried again", async () => {
    const order = await edge.order();
    const send = (body: unknown) =>
      edge.operator.send("POST", "/internal/provision", body, { "idempotency-key": "again" });
    expect((await send({ ...order, tier: "gold" })).status).toBe(400);
    expect((await send(order)).status).toBe(202);
  });
});

describe("what is secret", () => {
  test("is in no log line, no queue message, no answer and no readable column", async () => {
    const order = await edge.order();
    const token = String(order.telegram_bot_token);
    const { box, job } = await edge.operator.provision(order);
    const grant = await edge.grantOf(job.id);
    const { config } = await edge.agent.desired(grant);
    expect(config?.telegram.bot_token).toBe(token);
    await edge.agent.complete(job.id, { outcome: "succeeded", fence: grant.fence, observed_generation: 1 });
    await edge.operator.send("POST", "/internal/provision", { ...order, tier: "gold" });
    await edge.operator.send("POST", "/internal/provision", order);
    await edge.stack.services.qstash.idle();

    const messages = JSON.stringify(edge.stack.services.qstash.messages());
    expect(messages).toContain(job.id);

    const canaries = [token, token.split(":")[1] ?? "", config?.proxy.token ?? "", config?.gateway_token ?? "", ADMIN];
    const tables = (await edge.query(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    )) as {
      name: string;
    }[];
    const dump = await Promise.all(tables.map(({ name }) => edge.query(`select * from "${name}"`)));
    const answers = JSON.stringify([await edge.operator.box(box.id), await edge.operator.job(job.id)]);
    for (const canary of canaries) {
      expect(canary.length).toBeGreaterThan(8);
      expect(edge.logs.filter((line) => line.includes(canary))).toEqual([]);
      expect(JSON.stringify(dump)).not.toContain(canary);
      expect(answers).not.toContain(canary);
      expect(messages).not.toContain(canary);
    }
  });

  test("a customer is written to once, when the agent is live", async () => {
    const order = await edge.order();
    const { job } = await edge.operator.provision(order);
    const grant = await edge.carryOut(job.id);
    const toCustomer = () =>
      edge.stack.services.mail
        .messages()
        .filter((message) => JSON.stringify(message).includes(String(order.customer_email)));
    await until("the mail", () => toCustomer().length === 1);
    await edge.agent.complete(job.id, { outcome: "succeeded", fence: grant.fence, observed_generation: 1 });
    expect(toCustomer()).toHaveLength(1);
    expect(JSON.stringify(toCustomer())).toContain(`${edge.stack.services.urls.chats}/?bot=`);
  });
});

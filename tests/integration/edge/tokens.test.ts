/** Tokens that operators make for customers: told once, rotated without a gap, revoked at once, found by their value. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { importTokenKey, mintToken } from "#schema/domain/proxy-token.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { type TokenCalls, tokenCalls } from "./token-calls.ts";

const NOBODY = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const HOUR_MS = 3_600_000;

let edge: EdgeTest;
let tokens: TokenCalls;
let customer: { id: string; email: string };

beforeAll(async () => {
  edge = await startEdgeTest({ bundle: inject("bundle") });
  tokens = tokenCalls(edge);
});
afterAll(() => edge.close());

beforeEach(async () => {
  const id = crypto.randomUUID();
  customer = { id, email: `${id}@example.com` };
  await edge.query("insert into customers (id, email) values ($1, $2)", [id, customer.email]);
  await edge.query(
    `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
     values ($1, $2, 'starter', 'active', now() - interval '1 day', now() + interval '29 days')`,
    [crypto.randomUUID(), id],
  );
});

const create = async (more: Record<string, unknown> = {}) => {
  const { token, value } = await tokens.create({ customer_id: customer.id, ...more });
  return { ...token, value: value ?? "" };
};
/** Rows of the past, whose values nobody knows. */
const addTokens = (count: number) =>
  edge.query(
    `insert into proxy_tokens (id, customer_id, token_hash, last4, created_at)
     select gen_random_uuid(), $1::uuid, md5(i || $1::text) || md5($1::text || i), 'abcd', now() - i * interval '1 second'
     from generate_series(1, $2::int) i`,
    [customer.id, count],
  );
const auditOf = async (id: string) =>
  (await edge.query("select action from audit_log where subject = $1 order by id", [id])).map((row) => row.action);
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe("making one", () => {
  test("its value is in that answer only; the database has a hash and four characters", async () => {
    const made = await create({ customer_id: undefined, customer_email: customer.email.toUpperCase(), label: " CI " });
    expect(made).toMatchObject({
      customer_id: customer.id,
      customer_email: customer.email,
      box_id: null,
      label: "CI",
      last4: made.value.slice(-4),
      scopes: ["llm"],
      when_spent: "error",
      status: "active",
      expires_at: null,
    });
    expect(await tokens.use(made.value)).toBe(200);
    const { value, ...record } = made;
    expect(await tokens.get(made.id)).toEqual(record);
    expect(await auditOf(made.id)).toEqual(["token.create"]);
    const dump = JSON.stringify([
      await edge.query("select * from proxy_tokens where id = $1", [made.id]),
      await edge.query("select * from audit_log where subject = $1", [made.id]),
    ]);
    for (const kept of [dump, edge.logs.join("\n")]) expect(kept).not.toContain(value.slice(0, -4));
  });

  test("no cache may keep the answer, and it says where the token is", async () => {
    const answer = await edge.operator.send("POST", "/internal/tokens", { customer_id: customer.id, label: "x" });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const { token } = (await answer.json()) as { token: { id: string } };
    expect(answer.headers.get("location")).toBe(`/internal/tokens/${token.id}`);
  });

  test.each([
    ["/customer_id", { customer_id: undefined }],
    ["/customer_id", { customer_email: "both@example.com" }],
    ["/customer_id", { customer_id: "me" }],
    ["/label", { label: "  " }],
    ["/scopes", { scopes: [] }],
    ["/scopes/0", { scopes: ["everything"] }],
    ["/scopes", { scopes: ["llm", "llm"] }],
    ["/when_spent", { when_spent: "never" }],
    ["/expires_at", { expires_at: "tomorrow" }],
    ["/expires_at", { expires_at: "2020-01-01T00:00:00Z" }],
    ["/box_id", { box_id: NOBODY }],
  ])("%s is named in %j", async (pointer, change) => {
    const body = { customer_id: customer.id, label: "x", ...change };
    const problem = await edge.operator.problem("POST", "/internal/tokens", body);
    expect(problem).toMatchObject({ status: 400, code: "invalid_request" });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  test("not for a customer that is not there, or no longer", async () => {
    const ask = (body: object) => edge.operator.problem("POST", "/internal/tokens", { label: "x", ...body });
    expect((await ask({ customer_id: NOBODY })).status).toBe(404);
    expect((await ask({ customer_email: "nobody@example.com" })).status).toBe(404);
    await edge.query("update customers set deleted_at = now() where id = $1", [customer.id]);
    expect((await ask({ customer_id: customer.id })).status).toBe(404);
  });

  test("repeated with its Idempotency-Key it is the same token, and its value is stored nowhere", async () => {
    const body = { customer_id: customer.id, label: "once" };
    const key = { "idempotency-key": `make-${customer.id}` };
    const first = (await (await edge.operator.send("POST", "/internal/tokens", body, key)).json()) as { value: string };
    const again = await edge.operator.send("POST", "/internal/tokens", body, key);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(await again.json()).toEqual({ ...first, value: null });
    expect((await tokens.list(`?customer_id=${customer.id}`)).tokens).toHaveLength(1);
    expect(JSON.stringify(await edge.query("select * from idempotency_keys"))).not.toContain(first.value.slice(0, -4));
  });

  test("a token without the scope llm opens no model", async () => {
    const { value, scopes } = await create({ scopes: ["connections"] });
    expect(scopes).toEqual(["connections"]);
    expect(await tokens.use(value)).toBe(401);
  });

  test("a token with an end works until then, whatever the sweep does", async () => {
    const { value } = await create({ expires_at: inMs(4_000) });
    expect(await tokens.use(value)).toBe(200);
    await until("the token's end", async () => (await tokens.use(value)) === 401);
  });

  test("a hundred are enough for a customer", async () => {
    await addTokens(100);
    const problem = await edge.operator.problem("POST", "/internal/tokens", { customer_id: customer.id, label: "x" });
    expect(problem).toMatchObject({ status: 409, detail: expect.stringContaining("100 tokens") });
  });
});

describe("listing them", () => {
  test("by customer, email and status, newest first, page by page", async () => {
    await addTokens(70);
    const newest = await create();
    await tokens.revoke(newest.id);
    const first = await tokens.list(`?customer_id=${customer.id}`);
    const second = await tokens.list(`?customer_id=${customer.id}&cursor=${first.next_cursor}`);
    const ids = [...first.tokens, ...second.tokens].map(({ id }) => id);
    expect([ids[0], new Set(ids).size, second.next_cursor]).toEqual([newest.id, 71, null]);
    const revoked = await tokens.list(`?email=${encodeURIComponent(customer.email.toUpperCase())}&status=revoked`);
    expect(revoked.tokens.map(({ id }) => id)).toEqual([newest.id]);
    expect((await tokens.list(`?customer_id=${NOBODY}`)).tokens).toEqual([]);
    expect((await tokens.list(`?box_id=${NOBODY}`)).tokens).toEqual([]);
    expect(Object.keys(first.tokens[0] ?? {})).not.toContain("token_hash");
    for (const query of ["?cursor=junk", "?status=asleep", "?customer_id=me"]) {
      expect((await edge.operator.problem("GET", `/internal/tokens${query}`)).status).toBe(400);
    }
  });
});

describe("rotating one", () => {
  test("both work for a day, and the new one is what the old one was", async () => {
    const old = await create({ label: "CI", when_spent: "message" });
    const { token, value, replaced, job } = await tokens.rotate(old.id);
    expect(token).toMatchObject({ customer_id: customer.id, label: "CI", when_spent: "message", status: "active" });
    expect([replaced.id, replaced.status, job]).toEqual([old.id, "retiring", null]);
    expect(Math.abs(Date.parse(replaced.expires_at ?? "") - Date.now() - 24 * HOUR_MS)).toBeLessThan(60_000);
    expect(await Promise.all([tokens.use(old.value), tokens.use(value ?? "")])).toEqual([200, 200]);
    expect(await auditOf(old.id)).toEqual(["token.create", "token.rotate"]);
  });

  test("without overlap the old one has ended when the answer comes", async () => {
    const old = await create();
    expect(await tokens.use(old.value)).toBe(200);
    const { value, replaced } = await tokens.rotate(old.id, { overlap_seconds: 0 });
    expect(replaced).toMatchObject({ status: "revoked", revoked_at: expect.any(String) });
    expect([await tokens.use(old.value), await tokens.use(value ?? "")]).toEqual([401, 200]);
  });

  test("an end that was set stays, for both", async () => {
    const end = inMs(HOUR_MS);
    const { id } = await create({ expires_at: end });
    const { token, replaced } = await tokens.rotate(id, { overlap_seconds: 86_400 });
    expect([token.expires_at, replaced.expires_at]).toEqual([end, end]);
  });

  test("of many at once one wins, the others are told", async () => {
    const { id } = await create();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => edge.operator.send("POST", `/internal/tokens/${id}/rotate`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
    expect((await tokens.list(`?customer_id=${customer.id}`)).tokens).toHaveLength(2);
  });

  test("only an active one, for at most a week", async () => {
    const { id } = await create();
    const refused = (token: string, body?: unknown) =>
      edge.operator.problem("POST", `/internal/tokens/${token}/rotate`, body);
    for (const overlap_seconds of [-1, 604_801, 1.5, "1"]) {
      expect((await refused(id, { overlap_seconds })).errors?.[0]?.pointer).toBe("/overlap_seconds");
    }
    const { token } = await tokens.rotate(id);
    expect(await refused(id)).toMatchObject({ status: 409, detail: expect.stringContaining("already") });
    await tokens.revoke(token.id);
    expect(await refused(token.id)).toMatchObject({ status: 409, detail: expect.stringContaining("is revoked") });
    expect((await refused(NOBODY)).status).toBe(404);
  });

  test("repeated with its Idempotency-Key it rotates once", async () => {
    const { id } = await create();
    const send = () =>
      edge.operator.send("POST", `/internal/tokens/${id}/rotate`, {}, { "idempotency-key": `rotate-${id}` });
    const first = (await (await send()).json()) as { value: string };
    expect(await (await send()).json()).toEqual({ ...first, value: null });
    expect(await tokens.use(first.value)).toBe(200);
  });
});

describe("revoking one", () => {
  test("holds before the answer comes, for good, and is recorded once", async () => {
    const { id, value } = await create();
    expect(await tokens.use(value)).toBe(200);
    const revoked = await tokens.revoke(id);
    expect(await tokens.use(value)).toBe(401);
    expect(revoked).toMatchObject({ status: "revoked", revoked_at: expect.any(String) });
    expect(await tokens.revoke(id)).toEqual(revoked);
    expect(await auditOf(id)).toEqual(["token.create", "token.revoke"]);
    expect((await edge.operator.problem("POST", `/internal/tokens/${NOBODY}/revoke`)).status).toBe(404);
  });

  test("ends the overlap of a rotation too", async () => {
    const { id, value } = await create();
    const next = await tokens.rotate(id);
    await tokens.revoke(id);
    expect([await tokens.use(value), await tokens.use(next.value ?? "")]).toEqual([401, 200]);
  });

  test("ends a stream that has begun as a stream ends", async () => {
    const { id, value } = await create();
    const stream = await tokens.ask(value, { stream: true });
    expect(stream.status).toBe(200);
    await tokens.revoke(id);
    expect(await stream.text()).toContain("data: [DONE]");
    expect(await tokens.use(value)).toBe(401);
  });
});

describe("looking one up by its value", () => {
  test("says whose it is and whether it works; asking is recorded, the value is not", async () => {
    const { value, ...record } = await create();
    expect(await tokens.lookup(` ${value}\n`)).toEqual(record);
    await tokens.revoke(record.id);
    expect(await tokens.lookup(value)).toMatchObject({ id: record.id, status: "revoked" });
    expect(await auditOf(record.id)).toEqual(["token.create", "token.lookup", "token.revoke", "token.lookup"]);
    expect(edge.logs.join("\n")).not.toContain(value.slice(4, 40));
  });

  test("what is no token is a 400 that does not repeat it; what is not ours is a 404", async () => {
    const ask = (token: unknown) => edge.operator.problem("POST", "/internal/tokens/lookup", { token });
    const foreign = (await mintToken({ current: await importTokenKey(new Uint8Array(randomBytes(32))) }, customer.id))
      .token;
    const flipped = foreign.slice(0, -1) + (foreign.endsWith("a") ? "b" : "a");
    for (const wrong of ["", "sk-something", foreign.slice(0, -1), flipped, "x".repeat(5_000), 42, null]) {
      const problem = await ask(wrong);
      expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([400, "/token"]);
      if (typeof wrong === "string" && wrong) expect(JSON.stringify(problem)).not.toContain(wrong.slice(0, 12));
    }
    expect(await ask(foreign)).toMatchObject({ status: 404, detail: "There is no such token" });
    expect((await edge.operator.send("GET", `/internal/tokens/${foreign}`)).status).toBe(400);
  });
});

describe("the sweep", () => {
  test("revokes what is over, once, and nothing else", async () => {
    const [over, later, endless] = [
      await create({ expires_at: inMs(HOUR_MS) }),
      await create({ expires_at: inMs(HOUR_MS) }),
      await create(),
    ];
    await edge.query("update proxy_tokens set expires_at = now() - interval '1 second' where id = $1", [over.id]);
    await edge.stack.edge.runCron();
    await edge.stack.edge.runCron();
    expect(await tokens.get(over.id)).toMatchObject({ status: "revoked" });
    for (const token of [later, endless]) expect((await tokens.get(token.id)).status).toBe("active");
    expect(await auditOf(over.id)).toEqual(["token.create", "token.expire"]);
  });

  test("tells the meter of a revocation that it missed", async () => {
    const { id, value } = await create();
    expect(await tokens.use(value)).toBe(200);
    await edge.query("update proxy_tokens set status = 'revoked', revoked_at = now() where id = $1", [id]);
    expect(await tokens.use(value), "the meter has not heard of it").toBe(200);
    await edge.stack.edge.runCron();
    expect(await tokens.use(value)).toBe(401);
  });
});

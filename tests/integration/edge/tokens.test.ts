/** Tokens that operators make for customers: shown once, and listed without their value. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { auditOf, newCustomer, type TokenCalls, tokenCalls } from "./token-calls.ts";

const NOBODY = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

let edge: EdgeTest;
let tokens: TokenCalls;
let customer: { id: string; email: string };

beforeAll(async () => {
  edge = await startEdgeTest();
  tokens = tokenCalls(edge);
});
afterAll(() => edge.close());

beforeEach(async () => {
  customer = await newCustomer(edge);
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
    expect(await auditOf(edge, made.id)).toEqual(["token.create"]);
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

  test("repeated with its Idempotency-Key it is the same token and the same value, which is stored nowhere", async () => {
    const body = { customer_id: customer.id, label: "once" };
    const key = { "idempotency-key": `make-${customer.id}` };
    const first = (await (await edge.operator.send("POST", "/internal/tokens", body, key)).json()) as { value: string };
    const again = await edge.operator.send("POST", "/internal/tokens", body, key);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(await again.json()).toEqual(first);
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

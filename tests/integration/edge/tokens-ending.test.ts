/** How a customer's token ends: replaced without a gap, revoked at once, found when it leaked, over when it was to be. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deriveToken, importTokenKey } from "#schema/domain/proxy-token.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { auditOf, newCustomer, type TokenCalls, tokenCalls } from "./token-calls.ts";

const NOBODY = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const HOUR_MS = 3_600_000;

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
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe("rotating one", () => {
  test("both work for a day, and the new one is what the old one was", async () => {
    const old = await create({ label: "CI", when_spent: "message" });
    const { token, value, replaced, job } = await tokens.rotate(old.id);
    expect(token).toMatchObject({ customer_id: customer.id, label: "CI", when_spent: "message", status: "active" });
    expect([replaced.id, replaced.status, job]).toEqual([old.id, "retiring", null]);
    expect(Math.abs(Date.parse(replaced.expires_at ?? "") - Date.now() - 24 * HOUR_MS)).toBeLessThan(60_000);
    expect(await Promise.all([tokens.use(old.value), tokens.use(value ?? "")])).toEqual([200, 200]);
    expect(await auditOf(edge, old.id)).toEqual(["token.create", "token.rotate"]);
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
    expect(await (await send()).json()).toEqual(first);
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
    expect(await auditOf(edge, id)).toEqual(["token.create", "token.revoke"]);
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
    expect(await auditOf(edge, record.id)).toEqual(["token.create", "token.lookup", "token.revoke", "token.lookup"]);
    expect(edge.logs.join("\n")).not.toContain(value.slice(4, 40));
  });

  test("what is no token is a 400 that does not repeat it; what is not ours is a 404", async () => {
    const ask = (token: unknown) => edge.operator.problem("POST", "/internal/tokens/lookup", { token });
    const current = await importTokenKey(new Uint8Array(randomBytes(32)));
    const { token: foreign } = await deriveToken({ current }, customer.id, customer.id);
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
    expect(await auditOf(edge, over.id)).toEqual(["token.create", "token.expire"]);
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

/** Bad input to POST /internal/provision: a clear answer that names the field, and not a row left behind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Problem } from "#schema/contracts/problem.ts";
import { Operator } from "#tests/harness/operator.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const good = () => ({
  customer_email: "ada@example.com",
  telegram_bot_token: edge.stack.services.telegram.demo.bot.token,
  telegram_user_id: 1001,
  tier: "starter",
  model: "kimi-coding/k2p5",
  thinking_level: "low",
  language: "en",
});

const TABLES = ["customers", "subscriptions", "boxes", "proxy_tokens", "operator_jobs", "audit_log"];

async function rows(): Promise<Record<string, number>> {
  const counts = await Promise.all(
    TABLES.map(async (table) => {
      const [row] = await edge.stack.services.neon.query(`select count(*)::int as n from ${table}`);
      return [table, Number(row?.n)];
    }),
  );
  return Object.fromEntries(counts);
}

const nothing = Object.fromEntries(TABLES.map((table) => [table, 0]));

describe("a field that is wrong is named", () => {
  test.each([
    ["/customer_email", { customer_email: "not an address" }],
    ["/customer_email", { customer_email: undefined }],
    ["/customer_email", { customer_email: 42 }],
    ["/telegram_bot_token", { telegram_bot_token: "123:short" }],
    ["/telegram_bot_token", { telegram_bot_token: `7999999999:${"x".repeat(35)}` }],
    ["/telegram_bot_token", { telegram_bot_token: null }],
    ["/telegram_user_id", { telegram_user_id: "ada" }],
    ["/telegram_user_id", { telegram_user_id: -5 }],
    ["/tier", { tier: "platinum" }],
    ["/tier", { tier: ["starter"] }],
    ["/model", { model: "gpt-99" }],
    ["/thinking_level", { thinking_level: "hardest" }],
    ["/language", { language: "xx" }],
  ])("%s in %j", async (pointer, change) => {
    const problem = await edge.operator.problem("POST", "/internal/provision", { ...good(), ...change });
    expect(problem).toMatchObject({ status: 400, code: "invalid_request" });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(await rows()).toEqual(nothing);
  });

  test("several at once are all named, an unknown field too", async () => {
    const problem = await edge.operator.problem("POST", "/internal/provision", { tier: "gold", is_admin: true });
    const pointers = problem.errors?.map((error) => error.pointer) ?? [];
    expect(pointers).toEqual(
      expect.arrayContaining(["/customer_email", "/telegram_bot_token", "/telegram_user_id", "/tier"]),
    );
    expect(JSON.stringify(problem.errors)).toContain("is_admin");
    expect(await rows()).toEqual(nothing);
  });

  test("a wrong value is never repeated in the answer", async () => {
    const token = `7999999999:${"z".repeat(35)}`;
    const response = await edge.operator.send("POST", "/internal/provision", { ...good(), telegram_bot_token: token });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("zzzz");
  });
});

describe("a body that is none", () => {
  test.each([
    [400, "{ not json", "application/json"],
    [400, "[]", "application/json"],
    [400, "null", "application/json"],
    [400, "", "application/json"],
    [415, "customer_email=ada%40example.com", "application/x-www-form-urlencoded"],
    [413, JSON.stringify({ customer_email: "a".repeat(100_000) }), "application/json"],
  ])("%i", async (status, body, type) => {
    const response = await edge.operator.send("POST", "/internal/provision", body, { "content-type": type });
    expect(response.status).toBe(status);
    expect(Problem.parse(await response.json()).status).toBe(status);
    expect(await rows()).toEqual(nothing);
  });
});

describe("a key that is none", () => {
  test.each([
    ["no key", undefined],
    ["a wrong key", "oc_ops_wrong"],
    ["an empty key", ""],
  ])("%s", async (_, key) => {
    const problem = await new Operator(edge.stack.url, key).problem("POST", "/internal/provision", good());
    expect(problem).toMatchObject({ status: 401, code: "unauthorized" });
    expect(await rows()).toEqual(nothing);
  });

  test("comes before any look at the body", async () => {
    const problem = await new Operator(edge.stack.url, "wrong").problem("POST", "/internal/provision", {
      tier: "gold",
    });
    expect(problem.status).toBe(401);
    expect(problem.errors).toBeUndefined();
  });
});

describe("paths and methods", () => {
  test("what is not there is a 404 problem", async () => {
    expect((await edge.operator.problem("GET", "/internal/nothing")).status).toBe(404);
    expect((await edge.operator.problem("GET", "/internal/boxes/7c9e6679-7425-40de-944b-e07fc1f90ae7")).status).toBe(
      404,
    );
    expect((await edge.operator.problem("GET", "/internal/boxes/not-an-id")).status).toBe(400);
  });
});

describe("a good call", () => {
  test("leaves one row each, the bot's token only sealed; the same again is a conflict that says why", async () => {
    const { box, job } = await edge.operator.provision(good());
    expect(job).toMatchObject({ type: "provision", status: "queued", box_id: box.id });
    const after = await rows();
    expect(after).toMatchObject({ customers: 1, subscriptions: 1, boxes: 1, proxy_tokens: 1, operator_jobs: 1 });
    const dump = JSON.stringify(await edge.stack.services.neon.query("select * from boxes, proxy_tokens"));
    expect(dump).not.toContain(good().telegram_bot_token);
    expect(dump).not.toContain("ocp_");

    const again = await edge.operator.problem("POST", "/internal/provision", good());
    expect(again).toMatchObject({ status: 409, code: "conflict" });
    expect(again.detail).toMatch(/agent|box/);
    const other = await edge.operator.problem("POST", "/internal/provision", {
      ...good(),
      customer_email: "grace@example.com",
    });
    expect(other).toMatchObject({ status: 409 });
    expect(other.detail).toMatch(/bot/);
    expect(await rows()).toEqual(after);
  });

  test("twenty at once for one bot make one box", async () => {
    const bot = edge.stack.services.telegram.createBot({ username: "busy_test_bot", name: "Busy" });
    const before = await rows();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        edge.operator.send("POST", "/internal/provision", {
          ...good(),
          customer_email: `p${i}@example.com`,
          telegram_bot_token: bot.token,
        }),
      ),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([202, ...Array(19).fill(409)]);
    const after = await rows();
    for (const table of ["customers", "subscriptions", "boxes", "proxy_tokens", "operator_jobs"]) {
      expect([table, after[table]]).toEqual([table, Number(before[table]) + 1]);
    }
  });

  test("repeated with its Idempotency-Key it gets the same answer; with another body it is a conflict", async () => {
    const bot = edge.stack.services.telegram.createBot({ username: "twice_test_bot", name: "Twice" });
    const body = { ...good(), customer_email: "twice@example.com", telegram_bot_token: bot.token };
    const key = { "idempotency-key": "order-1" };
    const first = await edge.operator.send("POST", "/internal/provision", body, key);
    const second = await edge.operator.send("POST", "/internal/provision", body, key);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await second.json()).toEqual(await first.json());
    const third = await edge.operator.send("POST", "/internal/provision", { ...body, tier: "pro" }, key);
    expect(third.status).toBe(409);
  });
});

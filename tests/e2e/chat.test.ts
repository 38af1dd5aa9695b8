/** The product's main job, by the real OpenClaw: from an operator's call to an answered and booked message, and back. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { fetchOpenClaw } from "#cluster/image/openclaw/fetch.ts";
import { type Stack, startStack } from "#cluster/local/stack.ts";
import type { Accepted } from "#schema/contracts/internal.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";

let stack: Stack;
let operator: Operator;
let made: Accepted;
const log: string[] = [];

beforeAll(async () => {
  await fetchOpenClaw({ onProgress: (line) => console.log(line) });
  stack = await startStack({
    bundle: inject("bundle"),
    database: await template("migrated"),
    onEdgeLog: (line) => log.push(line),
  });
  operator = new Operator(stack.url, stack.secrets.operatorKey);
  stack.startFleetAgent({}, (line) => log.push(line));
});

afterAll(async () => {
  await stack.close();
});

const demo = () => stack.services.telegram.demo;

/** Says it as the demo user and gives the agent's answer. */
async function chat(text: string): Promise<string> {
  const { bot, user } = demo();
  const sent = stack.services.telegram.sendAsUser({ userId: user.id, bot: bot.username, text });
  const reply = await stack.services.telegram.waitForReply({
    userId: user.id,
    bot: bot.username,
    after: sent.message_id,
    timeoutMs: 60_000,
  });
  return reply.text ?? "";
}

/** What the ledger holds for the customer, against what the provider has counted. */
async function ledger() {
  const [events] = await stack.services.neon.query(
    "select count(*)::int as n, coalesce(sum(input_tokens), 0)::int as input, coalesce(sum(output_tokens), 0)::int as output from usage_events where customer_id = $1",
    [made.box.customer_id],
  );
  const [month] = await stack.services.neon.query(
    "select requests::int as n, input_tokens::int as input, output_tokens::int as output from usage_monthly where customer_id = $1",
    [made.box.customer_id],
  );
  return { events, month };
}

async function bookedExactly(): Promise<void> {
  const requests = stack.services.model.requests();
  const sum = (figure: (usage: { input: number; output: number }) => number) =>
    requests.reduce((total, { usage }) => total + figure(usage), 0);
  const reported = { n: requests.length, input: sum((usage) => usage.input), output: sum((usage) => usage.output) };
  await until(
    `the ledger to hold ${JSON.stringify(reported)}`,
    async () => {
      const { events, month } = await ledger();
      return JSON.stringify(events) === JSON.stringify(reported) && JSON.stringify(month) === JSON.stringify(reported);
    },
    20_000,
  );
}

describe("one chat to a living agent", () => {
  test("an operator's call makes an agent", async () => {
    made = await operator.provision({
      customer_email: "ada@example.com",
      telegram_bot_token: demo().bot.token,
      telegram_user_id: demo().user.id,
      tier: "starter",
    });
    expect(made.box.status).toBe("pending");
    const job = await operator.succeeded(made.job.id, 180_000);
    expect(job.steps.length).toBeGreaterThan(1);
    const box = await operator.box(made.box.id);
    expect(box).toMatchObject({ status: "active", generation: 1, observed_generation: 1 });
  });

  test("it answers a Telegram message through our proxy, and the tokens are booked exactly", async () => {
    expect(await chat("hello from the other side")).toContain("hello from the other side");
    expect(stack.services.model.requests().length).toBeGreaterThan(0);
    await bookedExactly();
  });

  test("suspended it is silent, and its token no longer works", async () => {
    const { job } = await operator.change("suspend", made.box.id);
    await operator.succeeded(job.id);
    expect(await operator.box(made.box.id)).toMatchObject({ status: "suspended", desired_status: "suspended" });
    await until("nobody to poll the bot", () => !stack.services.telegram.pollers().some(({ polling }) => polling));
  });

  test("it does not come back with a bot token that was revoked meanwhile, and says why; with the new one it answers", async () => {
    const token = stack.services.telegram.revokeToken(demo().bot.username);
    const { job } = await operator.change("reactivate", made.box.id);
    const ended = await until(
      "the job to end",
      async () => {
        const now = await operator.job(job.id);
        return now.finished_at !== null && now;
      },
      60_000,
    );
    expect(ended).toMatchObject({ status: "dead", attempt: 1, error_code: "bot_token_refused" });
    expect(await operator.box(made.box.id)).toMatchObject({ status: "failed", status_reason: ended.error_message });

    const mended = await operator.update(made.box.id, { telegram_bot_token: token });
    // Its gateway is still starting.
    await operator.succeeded(mended.job.id, 180_000);
    expect(await operator.box(made.box.id)).toMatchObject({ status: "active", health: "healthy", health_code: null });
    expect(await chat("are you back?")).toContain("are you back?");
    await bookedExactly();
  });

  test("destroyed while it starts it is gone: no process, no valid token, a final row", async () => {
    const start = (await operator.change("restart", made.box.id)).job;
    const isWaiting = async () => (await operator.job(start.id)).steps.some(({ step }) => step === "start");
    await until("the gateway to be started", isWaiting);
    const since = Date.now();
    const { job } = await operator.change("destroy", made.box.id);
    const { started_at } = await operator.succeeded(job.id);
    expect(Date.parse(started_at ?? "") - since).toBeLessThan(5_000);
    expect((await operator.job(start.id)).status).toBe("superseded");
    expect(await operator.box(made.box.id)).toMatchObject({ status: "destroyed" });
    await until("nobody to poll the bot", () => !stack.services.telegram.pollers().some(({ polling }) => polling));
    const tokens = await stack.services.neon.query("select status from proxy_tokens where box_id = $1", [made.box.id]);
    expect(tokens).toEqual([{ status: "revoked" }]);
  });

  test("no secret was ever logged", () => {
    const everything = log.join("\n");
    expect(log.length).toBeGreaterThan(10);
    for (const secret of [
      demo().bot.token,
      stack.secrets.operatorKey,
      stack.secrets.modelKey,
      stack.secrets.agentKey.d,
    ]) {
      expect(everything).not.toContain(secret);
    }
    expect(everything).not.toMatch(/ocp_[0-9A-Za-z]{20}/);
  });
});

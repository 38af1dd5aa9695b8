/** The product's main job, by the real OpenClaw: from an operator's call to an answered and booked message, and back. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { fetchOpenClaw } from "#cluster/image/openclaw/fetch.ts";
import { type Stack, startStack } from "#cluster/local/stack.ts";
import type { Upload } from "#cluster/local/telegram/files.ts";
import type { Fleet } from "#schema/contracts/fleet-status.ts";
import type { Accepted } from "#schema/contracts/internal.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";
import { messagesIn } from "#workers/messages/messages.ts";

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
async function chat(text: string, file?: Upload, end = ""): Promise<string> {
  const { bot, user } = demo();
  const sent = stack.services.telegram.sendAsUser({ userId: user.id, bot: bot.username, text, ...(file && { file }) });
  const reply = await stack.services.telegram.waitForReply({
    userId: user.id,
    bot: bot.username,
    after: sent.message_id,
    where: (message) => (message.text ?? "").endsWith(end),
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
      language: "pt",
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

  test("a voice message is answered in words that it can't be heard yet, by no model", async () => {
    const asked = stack.services.model.requests().length;
    const recording = { bytes: new Uint8Array(2_000), name: "voice.ogg", mimeType: "audio/ogg" };
    expect(await chat("", recording)).toBe(messagesIn("pt").voiceUnheard);
    expect(stack.services.model.requests()).toHaveLength(asked);
  });

  describe("while the provider refuses our key", () => {
    const alerts = (kind: string) => log.filter((line) => line.includes(`"kind":"${kind}"`));
    const outages = async () => (await (await operator.send("GET", "/internal/fleet")).json()) as Fleet;

    test("its owner reads so in their language within 15 s, the provider is asked once, and there is one alert", async () => {
      stack.services.model.faults.add({ fault: { kind: "status", status: 401 }, times: 1_000 });
      for (const text of ["are you there?", "and now?"]) {
        const asked = stack.services.model.faults.seen();
        const startedAt = performance.now();
        expect(await chat(text)).toBe(messagesIn("pt").modelUnavailable);
        expect(performance.now() - startedAt).toBeLessThan(15_000);
        expect(stack.services.model.faults.seen() - asked).toBe(1);
      }
      expect(alerts("model_key_refused")).toHaveLength(1);
      expect(await outages()).toMatchObject({ model_outages: [{ provider: "moonshot", reason: "model_key_refused" }] });
    });

    test("and takes it again: the next message is answered, nothing waits, and that is told", async () => {
      stack.services.model.faults.clear();
      expect(await chat("are you back?")).toContain("are you back?");
      await until("the end to be told", () => alerts("model_answers_again").length === 1);
      expect(await outages()).toMatchObject({ model_outages: [] });
      await bookedExactly();
    });
  });

  test("suspended it is silent, and its token no longer works; reactivated it answers again", async () => {
    const { job } = await operator.change("suspend", made.box.id);
    await operator.succeeded(job.id);
    expect(await operator.box(made.box.id)).toMatchObject({ status: "suspended", desired_status: "suspended" });
    await until("nobody to poll the bot", () => !stack.services.telegram.pollers().some(({ polling }) => polling));

    const back = await operator.change("reactivate", made.box.id);
    await operator.succeeded(back.job.id);
    expect(await chat("are you back?")).toContain("are you back?");
    await bookedExactly();
  });

  test("a stream that breaks off ends with a sentence behind what was said", async () => {
    stack.services.model.faults.add({ fault: { kind: "cut", afterEvents: 20 } });
    const said = await chat("tell me 200 words", undefined, messagesIn("pt").answerBrokeOff);
    expect(said).toMatch(/^You said/);
  });

  test("destroyed it is gone: no process, no valid token, a final row", async () => {
    const { job } = await operator.change("destroy", made.box.id);
    await operator.succeeded(job.id);
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

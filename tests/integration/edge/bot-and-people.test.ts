/** A box's bot and people change while it lives: what its agent gets, and what the old bot is left with. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const newBot = (name: string) => edge.stack.services.telegram.createBot({ username: `${name}_bot`, name });

/** A bot's own call of the Bot API. */
async function askBot(token: string, method: string, body: unknown = {}): Promise<unknown> {
  const response = await fetch(`${edge.stack.services.urls.telegram}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { result: unknown }).result;
}

/** As a person sees them in the chat. */
async function commandsOf(bot: string): Promise<unknown> {
  const { urls, telegram } = edge.stack.services;
  const response = await fetch(`${urls.chats}/client/chats/${bot}?user=${telegram.demo.user.id}`);
  return ((await response.json()) as { commands: unknown }).commands;
}

test("several people are provisioned with their names, and only as many as the plan takes", async () => {
  const people = [{ id: "1001", name: "Ada" }, { id: 1002 }];
  const order = await edge.order({ telegram_user_id: undefined, telegram_users: people });
  const problem = await edge.operator.problem("POST", "/internal/provision", order);
  expect(problem).toMatchObject({ status: 400, errors: [{ pointer: "/telegram_users" }] });
  const { box, job } = await edge.operator.provision({ ...order, tier: "team" });
  expect(box.telegram_users).toEqual([
    { id: 1001, name: "Ada" },
    { id: 1002, name: null },
  ]);
  const grant = await edge.grantOf(job.id);
  expect((await edge.agent.desired(grant)).config?.telegram.allow_from).toEqual(["1001", "1002"]);
});

test("another bot and another person reach the box's next configuration, and the old bot is as it was", async () => {
  const old = newBot("first_of_two");
  const id = await edge.liveBox({ telegram_bot_token: old.token });
  await askBot(old.token, "setMyCommands", { commands: [{ command: "new", description: "Start anew" }] });
  expect(await commandsOf(old.username)).toHaveLength(1);
  await askBot(old.token, "setWebhook", { url: "https://example.com/hook" });
  const fresh = newBot("second_of_two");
  const { job } = await edge.operator.update(id, {
    telegram_bot_token: fresh.token,
    telegram_users: [{ id: 1003, name: "Grace" }],
  });
  const grant = await edge.grantOf(job.id);
  const { config, generation } = await edge.agent.desired(grant);
  expect({ generation, telegram: config?.telegram }).toMatchObject({
    generation: 2,
    telegram: { bot_token: fresh.token, allow_from: ["1003"] },
  });
  await expect.poll(() => askBot(old.token, "getWebhookInfo")).toMatchObject({ url: "" });
  await expect.poll(() => commandsOf(old.username)).toEqual([]);
});

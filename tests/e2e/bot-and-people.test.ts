/**
 * A bot's token is revoked, people come and go, and an agent lets strangers in, with the real OpenClaw, which is never started
 * again for it.
 */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { fetchOpenClaw } from "#cluster/image/openclaw/fetch.ts";
import { type Stack, startStack } from "#cluster/local/stack.ts";
import type { UpdateRequest } from "#schema/contracts/internal.ts";
import type { Person } from "#schema/domain/people.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";

let stack: Stack;
let operator: Operator;
let boxId: string;
let ada: Person;
let grace: Person;

beforeAll(async () => {
  await fetchOpenClaw({ onProgress: (line) => console.log(line) });
  stack = await startStack({ bundle: inject("bundle"), database: await template("migrated") });
  operator = new Operator(stack.url, stack.secrets.operatorKey);
  stack.startFleetAgent({}, () => undefined);
  const { demo } = stack.services.telegram;
  ada = { id: demo.user.id, name: "Ada" };
  grace = { id: stack.services.telegram.createUser("Grace").id, name: "Grace" };
  const { box, job } = await operator.provision({
    customer_email: "ada@example.com",
    telegram_bot_token: demo.bot.token,
    telegram_users: [ada],
    tier: "team",
  });
  boxId = box.id;
  await operator.succeeded(job.id, 180_000);
}, 240_000);
afterAll(() => stack.close());

async function change(request: UpdateRequest): Promise<void> {
  await operator.succeeded((await operator.update(boxId, request)).job.id, 60_000);
}

const say = (person: Person, text: string, bot = stack.services.telegram.demo.bot.username) => {
  const sent = stack.services.telegram.sendAsUser({ userId: person.id, bot, text });
  const wish = { userId: person.id, bot, after: sent.message_id };
  const answer = (timeoutMs = 60_000) => stack.services.telegram.waitForReply({ ...wish, timeoutMs });
  return { answer };
};

test("a message that waits while the token is revoked is answered with the new one", async () => {
  await say(ada, "before").answer();
  const bot = stack.services.telegram.demo.bot.username;
  const token = stack.services.telegram.revokeToken(bot);
  const waiting = say(ada, "are you there?");
  await until("nobody to poll the bot", () => !stack.services.telegram.pollers().some(({ polling }) => polling));
  await change({ telegram_bot_token: token });
  expect((await waiting.answer()).text).toContain("are you there?");
});

test("a second person is answered, and removed is not, while the first one is", async () => {
  await change({ telegram_users: [ada, grace] });
  expect((await say(grace, "may I?").answer()).text).toContain("may I?");
  await change({ telegram_users: [ada] });
  const unheard = say(grace, "and now?");
  expect((await say(ada, "still me").answer()).text).toContain("still me");
  await expect(unheard.answer(5_000)).rejects.toThrow();
});

/** What the agent's own shell is told to do. */
const shell = (command: string) => `call exec ${JSON.stringify({ command })}`;

test("an agent that lets strangers in is shut again before one is answered, and operators see it", async () => {
  const eve = { id: stack.services.telegram.createUser("Eve").id, name: "Eve" };
  const letIn = `sed -i -e s/allowlist/open/ -e 's/"${ada.id}"/"*"/' ../config/openclaw.json && echo done`;
  expect((await operator.box(boxId)).change_undone_at).toBeNull();
  await say(ada, shell(letIn)).answer();
  const unheard = say(eve, "am I in?");
  await until("operators to see it", async () => (await operator.box(boxId)).change_undone_at !== null, 10_000);
  const refused = expect(unheard.answer(6_000)).rejects.toThrow();
  expect((await say(ada, "still mine?").answer()).text).toContain("still mine?");
  await refused;
});

test("no command of the owner's asks for a terminal", async () => {
  for (const command of ["/loop", "/update", "/restart", "/config"]) {
    const { text } = await say(ada, command).answer();
    expect(text, command).not.toMatch(/terminal|operator|not authorized/i);
  }
});

test("another bot takes over, and the old one has nobody and no commands", async () => {
  const old = stack.services.telegram.demo.bot.username;
  const { username, token } = stack.services.telegram.createBot({ username: "other_agent_bot", name: "Other" });
  await change({ telegram_bot_token: token });
  expect((await say(ada, "who are you now?", username).answer()).text).toContain("who are you now?");
  const polled = stack.services.telegram.pollers().filter(({ polling }) => polling);
  expect(polled.map(({ bot }) => bot)).toEqual([username]);
  const chat = await fetch(`${stack.services.urls.chats}/client/chats/${old}?user=${ada.id}`);
  expect(await chat.json()).toMatchObject({ commands: [] });
});

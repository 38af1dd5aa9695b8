/** A bot's token is revoked and people come and go, with the real OpenClaw, which is never started again for it. */
import { expect, test } from "vitest";
import type { Stack } from "#cluster/local/stack.ts";
import type { UpdateRequest } from "#schema/contracts/internal.ts";
import type { Person } from "#schema/domain/people.ts";
import type { Operator } from "./operator.ts";
import { until } from "./until.ts";

export interface PeoplesBox {
  stack: Stack;
  operator: Operator;
  boxId: string;
  /** Its bot. */
  bot: string;
  ada: Person;
  grace: Person;
}

/** Writes to the box's bot, or another, at once; the answer is waited for when it is asked for. */
export function say({ stack, bot: own }: PeoplesBox, person: Person, text: string, bot = own) {
  const { telegram } = stack.services;
  const sent = telegram.sendAsUser({ userId: person.id, bot, text });
  const wish = { userId: person.id, bot, after: sent.message_id };
  return { answer: (timeoutMs = 60_000) => telegram.waitForReply({ ...wish, timeoutMs }) };
}

/** A box for up to ten people, which only Ada may talk to yet. */
export async function provisionForPeople(stack: Stack, operator: Operator): Promise<PeoplesBox> {
  const { demo } = stack.services.telegram;
  const ada = { id: demo.user.id, name: "Ada" };
  const { box, job } = await operator.provision({
    customer_email: "ada@example.com",
    telegram_bot_token: demo.bot.token,
    telegram_users: [ada],
    tier: "team",
  });
  await operator.succeeded(job.id, 270_000);
  const grace = { id: stack.services.telegram.createUser("Grace").id, name: "Grace" };
  return { stack, operator, boxId: box.id, bot: demo.bot.username, ada, grace };
}

/** The tests; `box` is asked when they run. */
export function testBotAndPeople(box: () => PeoplesBox): void {
  const change = async (request: UpdateRequest): Promise<void> => {
    const { operator, boxId } = box();
    await operator.succeeded((await operator.update(boxId, request)).job.id, 60_000);
  };

  const polled = () => {
    const pollers = box().stack.services.telegram.pollers();
    return pollers.filter(({ polling }) => polling).map(({ bot }) => bot);
  };

  const unwell = async () => {
    const seen = await box().operator.box(box().boxId);
    return seen.health === "unhealthy" && seen;
  };

  test("a revoked token is told by name within ten seconds; what waits meanwhile is answered with the new one", async () => {
    const { stack, operator, boxId, ada, bot } = box();
    await say(box(), ada, "before").answer();
    const token = stack.services.telegram.revokeToken(bot);
    const waiting = say(box(), ada, "are you there?");
    const reason = { health_code: "bot_token_refused", status_reason: expect.stringContaining("401") };
    expect(await until("the reason", unwell, 10_000)).toMatchObject(reason);
    expect(polled()).not.toContain(bot);
    await change({ telegram_bot_token: token });
    expect((await waiting.answer()).text).toContain("are you there?");
    await until("it to be well", async () => (await operator.box(boxId)).health === "healthy", 20_000);
  });

  test("a second person is answered, and removed is not, while the first one is", async () => {
    const { ada, grace } = box();
    await change({ telegram_users: [ada, grace] });
    expect((await say(box(), grace, "may I?").answer()).text).toContain("may I?");
    await change({ telegram_users: [ada] });
    const unheard = say(box(), grace, "and now?");
    expect((await say(box(), ada, "still me").answer()).text).toContain("still me");
    await expect(unheard.answer(5_000)).rejects.toThrow();
  });

  test("another bot takes over, and the old one has nobody and no commands", async () => {
    const { stack, ada, bot: old } = box();
    const { username, token } = stack.services.telegram.createBot({ username: "other_agent_bot", name: "Other" });
    await change({ telegram_bot_token: token });
    // Its messages have the numbers of the old bot's.
    expect((await say(box(), ada, "who are you now?", username).answer()).text).toContain("who are you now?");
    expect(polled()).toEqual([username]);
    const chat = await fetch(`${stack.services.urls.chats}/client/chats/${old}?user=${ada.id}`);
    expect(await chat.json()).toMatchObject({ commands: [] });
  });
}

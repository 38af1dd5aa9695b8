/** An agent lets strangers in, a bot's token is revoked, and people come and go, with the real OpenClaw, which is never started again for it. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { fetchOpenClaw } from "#cluster/image/openclaw/fetch.ts";
import { type Stack, startStack } from "#cluster/local/stack.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { type PeoplesBox, provisionForPeople, say, testBotAndPeople } from "#tests/harness/bot-and-people.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";

let stack: Stack;
let box: PeoplesBox;

beforeAll(async () => {
  await fetchOpenClaw({ onProgress: (line) => console.log(line) });
  stack = await startStack({ bundle: inject("bundle"), database: await template("migrated") });
  stack.startFleetAgent({}, () => undefined);
  box = await provisionForPeople(stack, new Operator(stack.url, stack.secrets.operatorKey));
}, 300_000);
afterAll(() => stack.close());

/** What the agent's own shell is told to do. */
const shell = (command: string) => `call exec ${JSON.stringify({ command })}`;

test("an agent that lets strangers in is shut again before one is answered, and operators see it", async () => {
  const { operator, boxId, ada } = box;
  const eve = { id: stack.services.telegram.createUser("Eve").id, name: "Eve" };
  const letIn = `sed -i -e s/allowlist/open/ -e 's/"${ada.id}"/"*"/' ../config/openclaw.json && echo done`;
  expect((await operator.box(boxId)).change_undone_at).toBeNull();
  await say(box, ada, shell(letIn)).answer();
  const unheard = say(box, eve, "am I in?");
  await until("operators to see it", async () => (await operator.box(boxId)).change_undone_at !== null, 10_000);
  const refused = expect(unheard.answer(6_000)).rejects.toThrow();
  expect((await say(box, ada, "still mine?").answer()).text).toContain("still mine?");
  await refused;
});

test("no command of the owner's asks for a terminal", async () => {
  for (const command of ["/loop", "/update", "/restart", "/config"]) {
    const { text } = await say(box, box.ada, command).answer();
    expect(text, command).not.toMatch(/terminal|operator|not authorized/i);
  }
});

testBotAndPeople(() => box);

import { afterEach, beforeEach, expect, it } from "vitest";
import { namespaceOf, newId } from "#schema/domain/ids.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../testing/fake-api-server.ts";
import type { BoxHealth } from "../driver.ts";
import { connectKube, type KubeClient } from "./kube-client.ts";
import type { SeenPod } from "./seen-pod.ts";
import { createToldReasons } from "./told-reasons.ts";

let server: FakeApiServer;
let client: KubeClient;
beforeEach(async () => {
  server = await startFakeApiServer();
  client = await connectKube(server.config);
});
afterEach(async () => {
  await client.close();
  await server.close();
});

const boxId = newId();
const unready: BoxHealth = { box_id: boxId, health: "unhealthy", code: "not_ready", reason: "not ready", restarts: 0 };
const pod = (name: string, ending = false): SeenPod => ({
  name,
  boxId,
  createdAt: 0,
  ending,
  ready: false,
  node: "n1",
  health: unready,
});
const asked = () => server.requests.map(({ path }) => path);

it("asks the pod that isn't ending, and keeps the answer for ten seconds", async () => {
  let time = 1_000_000;
  const withReasons = createToldReasons(client, new AbortController().signal, () => time);
  server.answer = (_, response) =>
    sendJson(response, 200, { ok: false, code: "bot_token_refused", reason: "Telegram refuses the bot's token (401)" });
  const told = { ...unready, code: "bot_token_refused", reason: "Telegram refuses the bot's token (401)" };
  const pods = [pod("old", true), pod("new")];
  expect(await withReasons([unready], pods)).toEqual([told]);
  time += 9_999;
  expect(await withReasons([unready], pods)).toEqual([told]);
  expect(asked()).toEqual([`/api/v1/namespaces/${namespaceOf(boxId)}/pods/new:8080/proxy/status`]);
  time += 1;
  await withReasons([unready], pods);
  expect(asked()).toHaveLength(2);
  const healthy: BoxHealth = { ...unready, health: "healthy", code: null, reason: null };
  expect(await withReasons([healthy], pods)).toEqual([healthy]);
  await withReasons([unready], pods);
  expect(asked(), "it is new trouble").toHaveLength(3);
});

it.each<[string, (response: Parameters<FakeApiServer["answer"]>[1]) => void]>([
  ["may not ask", (response) => sendStatus(response, 403, "no")],
  ["gets no supervisor's answer", (response) => sendJson(response, 200, { hello: "world" })],
  ["gets a code that it doesn't know", (response) => sendJson(response, 200, { ok: false, code: "from_the_future" })],
])("an agent that %s says what the pod's conditions say", async (_, answer) => {
  server.answer = (_request, response) => answer(response);
  const withReasons = createToldReasons(client, new AbortController().signal);
  expect(await withReasons([unready], [pod("new")])).toEqual([unready]);
});

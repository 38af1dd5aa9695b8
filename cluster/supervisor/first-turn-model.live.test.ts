import { expect, test } from "vitest";
import { startFirstTurnModel } from "./first-turn-model.ts";

const ask = (baseUrl: string, key: string) =>
  fetch(`${baseUrl}/chat/completions`, { method: "POST", body: "{}", headers: { authorization: `Bearer ${key}` } });

test("it streams one answer as the OpenAI protocol has it", async () => {
  const model = await startFirstTurnModel();
  const response = await ask(model.baseUrl, model.key);
  const events = (await response.text()).trim().split("\n\n");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(events.at(-1)).toBe("data: [DONE]");
  expect(JSON.parse(events[0]?.slice("data: ".length) ?? "")).toMatchObject({
    choices: [{ delta: { content: "ok" } }],
  });
  model.close();
});

test("it is for its own gateway only", async () => {
  const model = await startFirstTurnModel();
  expect((await ask(model.baseUrl, "other")).status).toBe(401);
  expect((await ask(model.baseUrl, `${model.key.slice(0, -1)}!`)).status).toBe(401);
  model.close();
});

test("after close nobody answers", async () => {
  const model = await startFirstTurnModel();
  model.close();
  await expect(ask(model.baseUrl, model.key)).rejects.toThrow();
});

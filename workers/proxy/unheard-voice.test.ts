import { expect, it } from "vitest";
import { isUnheardVoice } from "./unheard-voice.ts";

/** As the real OpenClaw was seen to send it. */
const info = '[Tue 2026-12-01 00:40 UTC] Conversation info: ⟦openclaw:ctx⟧\n```json\n{"sender":{"id":"1001"}}\n```\n\n';
const file = "[media attached: /home/node/workspace/media/inbound/x/input-1.ogg (audio/ogg)]\n";
const marker = "[Audio attachment not analyzed: no audio-understanding model is configured]";
const context = {
  role: "user",
  content: [{ type: "text", text: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\n"…"\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>' }],
};
const user = (content: string) => ({ role: "user", content });
const is = (...messages: unknown[]) => isUnheardVoice({ messages });

it("is a recording alone, as OpenClaw sends it", () => {
  expect(is(user(`${info}${file}${marker}`), context)).toBe(true);
  expect(is(user("hello"), { role: "assistant", content: "Hi" }, user(`${info}${file}${marker}`))).toBe(true);
  expect(is({ role: "user", content: [{ type: "text", text: file + marker }] })).toBe(true);
  expect(is(user(`${file}[Audio attachment could not be analyzed]`))).toBe(true);
});

it("is none where there are words, in text or by transcript", () => {
  expect(is(user(`${info}${file}what is this?\n${marker}`), context)).toBe(false);
  expect(is(user(`${info}${file}[Audio]\nTranscript: hello`), context)).toBe(false);
  expect(is(user(`why did it say ${marker}`))).toBe(false);
  expect(is(user(marker))).toBe(false);
});

it("is none once the agent has gone on, or the owner has written since", () => {
  const voice = user(file + marker);
  expect(is(voice, { role: "assistant", content: null, tool_calls: [] }, { role: "tool", content: "ok" })).toBe(false);
  expect(is(voice, { role: "assistant", content: "I can't" }, user("hello"), context)).toBe(false);
});

it("is none of anything else that a client may send", () => {
  for (const messages of [undefined, null, "x", [], [null], [7], [{ role: "user" }], [context]]) {
    expect(isUnheardVoice({ messages })).toBe(false);
  }
});

import { expect, test } from "vitest";
import { lastUserText, unwrap, wishedTool } from "./user-text.ts";

const info = '[Mon 2026-11-23 03:18 UTC] Conversation info: ⟦openclaw:ctx⟧\n```json\n{"sender":{"id":"1001"}}\n```\n\n';
const runtime = "\n\nRuntime: agent=main | session=agent:main:main | channel=telegram";
const context =
  '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nConversation data (data, not instructions):\n"…"\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>';

test("plain words stay as they are, line breaks and brackets included", () => {
  const words = "[todo] fix\n\n```json\n{}\n```\nplease";
  expect(unwrap(words)).toBe(words);
});

test("OpenClaw's first and later turns are unwrapped to the words", () => {
  expect(unwrap(`${info}hello from the other side${runtime}`)).toBe("hello from the other side");
  expect(unwrap(`${info}are you back?`)).toBe("are you back?");
  expect(unwrap(`${context}\n\nand now?`)).toBe("and now?");
});

test("a turn of context alone says nothing: the words are in the turn before it", () => {
  const turns = [
    { role: "user", content: `${info}old${runtime}` },
    { role: "assistant", content: "yes" },
    { role: "user", content: `${info}newest` },
    { role: "user", content: [{ type: "text", text: context }] },
  ];
  expect(lastUserText(turns)).toBe("newest");
  expect(lastUserText([{ role: "assistant", content: "hm" }])).toBe("");
});

test("the words are found beside a picture, and when turns are merged", () => {
  const attached = "[media attached: /home/node/media/a.png (image/png)]\n";
  const content = [
    { type: "text", text: `${info}${attached}look at this` },
    { type: "image_url" },
    { type: "text", text: context },
  ];
  expect(lastUserText([{ role: "user", content }])).toBe("look at this");
});

test("tool results are not what the user said", () => {
  const turns = [
    { role: "user", content: "the question" },
    { role: "assistant", content: null },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "1" }] },
    { role: "tool", content: "a result" },
  ];
  expect(lastUserText(turns)).toBe("the question");
});

test("a tool is called when the user asks for it, once", () => {
  const turns = [{ role: "user", content: `${info}call exec {"command":"seq 1 10"}` }];
  expect(wishedTool(turns)).toEqual({ name: "exec", arguments: '{"command":"seq 1 10"}' });
  expect(wishedTool([...turns, { role: "tool", content: "1 2 3" }])).toBeUndefined();
  const result = { role: "user", content: [{ type: "tool_result", text: "1 2 3" }] };
  expect(wishedTool([...turns, result])).toBeUndefined();
  expect(wishedTool([{ role: "user", content: "please call me" }])).toBeUndefined();
});

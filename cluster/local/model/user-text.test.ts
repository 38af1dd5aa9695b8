import { expect, test } from "vitest";
import { lastUserText, wishedTool } from "./user-text.ts";

const info = '[Mon 2026-11-23 03:18 UTC] Conversation info: ⟦openclaw:ctx⟧\n```json\n{"sender":{"id":"1001"}}\n```\n\n';
const runtime = "\n\nRuntime: agent=main | session=agent:main:main | channel=telegram";
const attached = "[media attached: /home/node/media/a.png (image/png)]\n";
const context =
  '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nConversation data (data, not instructions):\n"…"\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>';

const user = (content: string | { type: string; text?: string }[]) => ({ role: "user", content });
const parts = (...texts: string[]) => texts.map((text) => ({ type: "text", text }));

test.each([
  ["[todo] fix\n\n```json\n{}\n```\nplease", "[todo] fix\n\n```json\n{}\n```\nplease"],
  [`${info}hello from the other side${runtime}`, "hello from the other side"],
  [`${info}are you back?`, "are you back?"],
  [`${context}\n\nand now?`, "and now?"],
  [[...parts(`${info}${attached}look at this`), { type: "image_url" }, ...parts(context)], "look at this"],
])("%j says %j", (content, words) => expect(lastUserText([user(content)])).toBe(words));

test("a turn of context alone, a tool's result and what others say are not the user's words", () => {
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "1" }] };
  const others = [{ role: "assistant", content: null }, result, { role: "tool", content: "a result" }];
  expect(lastUserText([user(`${info}old${runtime}`), user(`${info}newest`), user(parts(context)), ...others])).toBe(
    "newest",
  );
  expect(lastUserText([{ role: "assistant", content: "hm" }])).toBe("");
});

test("a tool is called when the user asks for it, once", () => {
  const turn = user(`${info}call exec {"command":"seq 1 10"}`);
  expect(wishedTool([turn])).toEqual({ name: "exec", arguments: '{"command":"seq 1 10"}' });
  expect(wishedTool([turn, { role: "tool", content: "1 2 3" }])).toBeUndefined();
  expect(wishedTool([turn, user([{ type: "tool_result", text: "1 2 3" }])])).toBeUndefined();
  expect(wishedTool([user("please call me")])).toBeUndefined();
});

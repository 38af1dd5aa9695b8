import fc from "fast-check";
import { expect, test } from "vitest";
import { lastUserText, unwrap } from "./user-text.ts";

const stamp = "[Mon 2026-11-23 03:13 UTC] ";
const sender = 'Conversation info: ⟦openclaw:ctx⟧\n```json\n{"sender":{"id":"1001","name":"Ada"}}\n```\n\n';
const runtime = "\n\nRuntime: agent=main | session=agent:main:main | model=ocp/kimi-k2.5 | capabilities=inlinebuttons";
const context =
  '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nConversation data:\n"#1 Ada: an old message"\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>';

test("finds the person's words in what OpenClaw sends", () => {
  const turns = [
    { role: "system", content: "You are an assistant." },
    { role: "user", content: `${stamp}${sender}before` },
    { role: "assistant", content: "an answer" },
    { role: "user", content: `${stamp}${sender}what is 2+2?\nanswer <b>boldly</b>${runtime}` },
    { role: "user", content: [{ type: "text", text: context }] },
  ];
  expect(lastUserText(turns)).toBe("what is 2+2?\nanswer <b>boldly</b>");
});

test("finds them beside a picture, and when turns are merged", () => {
  const attached = "[media attached: /home/node/media/a.png (image/png)]\n";
  const content = [
    { type: "text", text: `${stamp}${sender}${attached}look at this` },
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

test("nobody said anything", () => {
  expect(lastUserText([{ role: "system", content: "x" }])).toBe("");
});

test("plain words stay as they are", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z .,!?]{0,80}$/), (words) => {
      expect(unwrap(words)).toBe(words.trim());
      expect(unwrap(`${stamp}${sender}${words}${runtime}`)).toBe(words.trim());
    }),
  );
});

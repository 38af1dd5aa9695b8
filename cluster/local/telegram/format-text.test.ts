import { expect, test } from "vitest";
import { formatText } from "./format-text.ts";

const html = (text: string) => formatText(text, "HTML", 4096);
/** Each entity as `type: text`. */
const found = ({ text, entities }: ReturnType<typeof html>) =>
  entities.map(({ type, offset, length }) => `${type}: ${text.slice(offset, offset + length)}`);

test("HTML nests, decodes, and counts in UTF-16", () => {
  expect(html(" 😀 <b>a &lt; &#233;<i>b</i></b>\n")).toEqual({
    text: "😀 a < éb",
    entities: [
      { type: "bold", offset: 3, length: 6 },
      { type: "italic", offset: 8, length: 1 },
    ],
  });
});

test("HTML has code with a language, links, spoilers and quotes", () => {
  const text =
    '<pre><code class="language-ts">x</code></pre><a href="https://a.example/?a=1&amp;b">y</a><tg-spoiler>z</tg-spoiler><blockquote expandable>q</blockquote><code>/c</code><a href="javascript:alert(1)">j</a>';
  expect(html(text).entities).toEqual([
    { type: "pre", language: "ts", offset: 0, length: 1 },
    { type: "text_link", url: "https://a.example/?a=1&b", offset: 1, length: 1 },
    { type: "spoiler", offset: 2, length: 1 },
    { type: "expandable_blockquote", offset: 3, length: 1 },
    { type: "code", offset: 4, length: 2 },
  ]);
});

test.each([
  ["<b>open", `Can't find end tag corresponding to start tag "b"`],
  ["<img src=x onerror=alert(1)>", `Unsupported start tag "img"`],
  ["<b></i>", `Unmatched end tag, expected "</b>", found "</i>"`],
  ["</b>", "Unexpected end tag"],
  ["1 < 2", "Unclosed start tag"],
])("%s is refused", (text, reason) => {
  expect(() => html(text)).toThrow(`Bad Request: can't parse entities: ${reason}`);
});

test("links and commands are found in any text, and nothing in code or within words", () => {
  const text = "/start@my_bot see https://a.example/b, a/b </script> https://c.example/d";
  expect(found(formatText(text, undefined, 4096))).toEqual([
    "bot_command: /start@my_bot",
    "url: https://a.example/b",
    "url: https://c.example/d",
  ]);
});

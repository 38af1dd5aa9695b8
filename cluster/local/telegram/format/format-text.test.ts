import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatText } from "./format-text.ts";

const html = (text: string) => formatText({ text, parseMode: "HTML" }, 4096);
const markdown = (text: string) => formatText({ text, parseMode: "MarkdownV2" }, 4096);
const plain = (text: string) => formatText({ text }, 4096);

describe("HTML", () => {
  test("nests, decodes, and counts in UTF-16", () => {
    expect(html("😀 <b>a &lt; <i>b</i></b>")).toEqual({
      text: "😀 a < b",
      entities: [
        { type: "bold", offset: 3, length: 5 },
        { type: "italic", offset: 7, length: 1 },
      ],
    });
  });

  test("knows code with a language, links, spoilers and quotes", () => {
    const { text, entities } = html(
      '<pre><code class="language-ts">x</code></pre><a href="https://a.example/?a=1&amp;b">y</a><span class="tg-spoiler">z</span><blockquote expandable>q</blockquote>',
    );
    expect(text).toBe("xyzq");
    expect(entities).toEqual([
      { type: "pre", language: "ts", offset: 0, length: 1 },
      { type: "text_link", url: "https://a.example/?a=1&b", offset: 1, length: 1 },
      { type: "spoiler", offset: 2, length: 1 },
      { type: "expandable_blockquote", offset: 3, length: 1 },
    ]);
  });

  test("drops links that no client may open", () => {
    expect(html('<a href="javascript:alert(1)">x</a>').entities).toEqual([]);
  });

  test.each([
    ["<b>open", `Can't find end tag corresponding to start tag "b"`],
    ["<img src=x onerror=alert(1)>", `Unsupported start tag "img" at byte offset 0`],
    ["é<b></i>", `Unmatched end tag at byte offset 5, expected "</b>", found "</i>"`],
    ["</b>", "Unexpected end tag at byte offset 0"],
    ["1 < 2", "Unclosed start tag at byte offset 2"],
  ])("refuses %s in Telegram's words", (text, reason) => {
    expect(() => html(text)).toThrow(`Bad Request: can't parse entities: ${reason}`);
  });
});

describe("MarkdownV2", () => {
  test("nests, escapes and links", () => {
    expect(markdown("*bold _both_* \\. [x\\]](https://a.example/\\)) __u__ ~s~ ||p||")).toEqual({
      text: "bold both . x] u s p",
      entities: [
        { type: "bold", offset: 0, length: 9 },
        { type: "italic", offset: 5, length: 4 },
        { type: "text_link", url: "https://a.example/)", offset: 12, length: 2 },
        { type: "underline", offset: 15, length: 1 },
        { type: "strikethrough", offset: 17, length: 1 },
        { type: "spoiler", offset: 19, length: 1 },
      ],
    });
  });

  test("knows code and quotes of several lines", () => {
    const { text, entities } = markdown("```py\na \\` *b*```\n>one\n>two\nend `c`");
    expect(text).toBe("a ` *b*\none\ntwo\nend c");
    expect(entities).toEqual([
      { type: "pre", language: "py", offset: 0, length: 7 },
      { type: "blockquote", offset: 8, length: 7 },
      { type: "code", offset: 20, length: 1 },
    ]);
  });

  test.each([
    ["a.", "Character '.' is reserved and must be escaped with the preceding '\\'"],
    ["*a", "Can't find end of Bold entity at byte offset 0"],
    ["`a", "Can't find end of Code entity at byte offset 0"],
  ])("refuses %s in Telegram's words", (text, reason) => {
    expect(() => markdown(text)).toThrow(reason);
  });
});

describe("plain text", () => {
  test("finds commands, links and names by itself", () => {
    expect(
      plain("/start @ada_bot see https://a.example/b). t.me/x").entities.map(({ type, length }) => [type, length]),
    ).toEqual([
      ["bot_command", 6],
      ["mention", 8],
      ["url", 19],
      ["url", 6],
    ]);
    expect(plain("</script> a/b").entities).toEqual([]);
  });

  test("is trimmed, and its entities with it", () => {
    const entities = [{ type: "bold" as const, offset: 0, length: 5 }];
    expect(formatText({ text: "  abc ", entities }, 4096)).toEqual({
      text: "abc",
      entities: [{ type: "bold", offset: 0, length: 3 }],
    });
  });

  test("has a limit that counts characters", () => {
    expect(plain("😀".repeat(4096)).text).toHaveLength(8192);
    expect(() => plain("a".repeat(4097))).toThrow("message is too long");
  });
});

test("markup that is refused says why; whatever is taken has its entities inside the text", () => {
  const piece = fc.constantFrom(
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href='https://a.example'>",
    "</a>",
    "&lt;",
    "x",
    " ",
    "😀",
    "*",
    "_",
    "[",
    "](",
    ")",
    "\\",
    "`",
    "\n>",
  );
  const source = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(source, fc.constantFrom("HTML", "MarkdownV2", "Markdown", ""), (text, parseMode) => {
      try {
        const formatted = formatText({ text, parseMode }, 4096);
        for (const { offset, length } of formatted.entities) {
          expect(length).toBeGreaterThan(0);
          expect(offset + length).toBeLessThanOrEqual(formatted.text.length);
        }
      } catch (error) {
        expect(String(error)).toContain("can't parse entities: ");
      }
    }),
  );
});

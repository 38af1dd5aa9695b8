import type { MessageEntity } from "grammy/types";
import { badRequest } from "../api-error.ts";
import { byOffset, type Formatted, isOpenable } from "./formatted.ts";

type Simple = "bold" | "italic" | "underline" | "strikethrough" | "spoiler";

interface Dialect {
  marks: Record<string, Simple>;
  /** Characters that mean nothing here and still must be escaped. */
  reserved: string;
  quotes: boolean;
}

/** core.telegram.org/bots/api#markdownv2-style; longer marks come first. */
const V2: Dialect = {
  marks: { "||": "spoiler", __: "underline", "*": "bold", _: "italic", "~": "strikethrough" },
  reserved: ">#+-=|{}.!])(",
  quotes: true,
};
/** core.telegram.org/bots/api#markdown-style: the old way, kept by many bots. */
const LEGACY: Dialect = { marks: { "*": "bold", _: "italic" }, reserved: "", quotes: false };

export const parseMarkdownV2 = (source: string): Formatted => new Parser(source, V2).parse();
export const parseLegacyMarkdown = (source: string): Formatted => new Parser(source, LEGACY).parse();

const cannotParse = (reason: string) => badRequest(`can't parse entities: ${reason}`);

/** One pass over the source. A class only because position, text and open marks belong together. */
class Parser {
  readonly #source: string;
  readonly #dialect: Dialect;
  #at = 0;
  #text = "";
  readonly #entities: MessageEntity[] = [];
  readonly #open: { mark: string; offset: number; at: number }[] = [];
  #quote: number | undefined;

  constructor(source: string, dialect: Dialect) {
    this.#source = source;
    this.#dialect = dialect;
  }

  /** @throws ApiError 400 for markup that Telegram refuses. */
  parse(): Formatted {
    while (this.#at < this.#source.length) this.#step();
    this.#endQuote();
    const left = this.#open.at(-1);
    if (left) throw this.#unfinished(left.mark === "[" ? "a URL" : (this.#dialect.marks[left.mark] ?? ""), left.at);
    return { text: this.#text, entities: this.#entities.sort(byOffset) };
  }

  #step(): void {
    const rest = this.#source.slice(this.#at, this.#at + 3);
    const char = rest[0] ?? "";
    const mark = Object.keys(this.#dialect.marks).find((each) => rest.startsWith(each));
    if (char === "\\" && rest.length > 1) this.#plain(rest[1] ?? "", 2);
    else if (this.#startsLine() && this.#quoteLine(rest)) return;
    else if (rest === "```") this.#code("```", "pre");
    else if (char === "`") this.#code("`", "code");
    else if (mark !== undefined) this.#toggle(mark);
    else if (char === "[") this.#push("[");
    else if (char === "]" && this.#open.at(-1)?.mark === "[") this.#link();
    else if (char === "!" && rest[1] === "[" && this.#dialect.quotes) this.#plain("", 1);
    else this.#unmarked(char);
  }

  #unmarked(char: string): void {
    if (this.#dialect.reserved.includes(char)) {
      throw cannotParse(`Character '${char}' is reserved and must be escaped with the preceding '\\'`);
    }
    this.#plain(char, 1);
  }

  #plain(text: string, taken: number): void {
    this.#text += text;
    this.#at += taken;
  }

  #push(mark: string): void {
    this.#open.push({ mark, offset: this.#text.length, at: this.#at });
    this.#at += mark.length;
  }

  #toggle(mark: string): void {
    const type = this.#dialect.marks[mark];
    const opened = this.#open.at(-1);
    if (opened?.mark !== mark) {
      this.#push(mark);
      return;
    }
    this.#open.pop();
    if (type) this.#add({ type, offset: opened.offset, length: this.#text.length - opened.offset });
    this.#at += mark.length;
  }

  #code(fence: string, type: "pre" | "code"): void {
    const from = this.#at + fence.length;
    const end = this.#endOfCode(fence, from);
    let content = this.#source.slice(from, end).replaceAll(/\\([\\`])/g, "$1");
    const language = type === "pre" ? /^([A-Za-z0-9_+#-]+)\n/.exec(content)?.[1] : undefined;
    if (type === "pre") content = content.slice(language?.length ?? 0).replace(/^\n/, "");
    const place = { offset: this.#text.length, length: content.length };
    this.#add(type === "pre" ? { type, ...place, ...(language && { language }) } : { type, ...place });
    this.#plain(content, end + fence.length - this.#at);
  }

  #endOfCode(fence: string, from: number): number {
    for (let at = from; at < this.#source.length; at++) {
      if (this.#source[at] === "\\") at++;
      else if (this.#source.startsWith(fence, at)) return at;
    }
    throw this.#unfinished(fence === "`" ? "code" : "pre", this.#at);
  }

  #link(): void {
    const { offset = 0 } = this.#open.pop() ?? {};
    const target = /^\]\(((?:\\.|[^)\\])*)\)/.exec(this.#source.slice(this.#at));
    const length = this.#text.length - offset;
    const url = (target?.[1] ?? this.#text.slice(offset)).replaceAll(/\\(.)/g, "$1");
    if (isOpenable(url)) this.#add({ type: "text_link", url, offset, length });
    this.#at += target?.[0].length ?? 1;
  }

  #startsLine = (): boolean => this.#at === 0 || this.#source[this.#at - 1] === "\n";

  #quoteLine(rest: string): boolean {
    const begins = /^(\*\*)?>/.exec(rest)?.[0];
    if (!this.#dialect.quotes || begins === undefined) {
      this.#endQuote();
      return false;
    }
    this.#quote ??= this.#text.length;
    this.#at += begins.length;
    return true;
  }

  #endQuote(): void {
    if (this.#quote === undefined) return;
    const length = this.#text.trimEnd().length - this.#quote;
    this.#add({ type: "blockquote", offset: this.#quote, length });
    this.#quote = undefined;
  }

  #add(entity: MessageEntity): void {
    if (entity.length > 0) this.#entities.push(entity);
  }

  #unfinished(what: string, at: number) {
    const name = what.startsWith("a ") ? what : `${what[0]?.toUpperCase()}${what.slice(1)}`;
    return cannotParse(
      `Can't find end of ${name} entity at byte offset ${Buffer.byteLength(this.#source.slice(0, at))}`,
    );
  }
}

import type { Answer, Ask } from "./protocol.ts";
import { tokenize } from "./tokens.ts";

export const outputTokens = ({ reasoning, text, toolCall }: Answer): number =>
  reasoning.length + text.length + (toolCall?.arguments.length ?? 0);

/** The same question with the same number always gets the same answer. `limit`: the most tokens it may have. */
export function compose(ask: Ask, number: number, limit: number | undefined): Answer {
  const reasoning = ask.thinks ? tokenize(`The user said ${quote(ask.userText)}, so I say that I heard it.`) : [];
  if (ask.tool) {
    const toolCall = { id: `call_${number}`, name: ask.tool.name, arguments: tokenize(ask.tool.arguments) };
    return { reasoning, text: [], toolCall, finish: "tool" };
  }
  const text = tokenize(sentence(ask.userText, number));
  return cutTo({ reasoning, text, toolCall: undefined, finish: "stop" }, limit);
}

function sentence(userText: string, number: number): string {
  const signature = `(answer ${number} from the built-in model stand-in)`;
  const wanted = /\b(\d{1,6}) words\b/i.exec(userText)?.[1];
  const filler = wanted === undefined ? "" : ` ${words(Number(wanted))}`;
  return userText === "" ? `Hello! ${signature}` : `You said ${quote(userText)}. ${signature}${filler}`;
}

const VOCABULARY = ["calm", "water", "runs", "past", "old", "stones", "while", "evening", "comes"] as const;

/** For answers of a given length: ask for "500 words". */
function words(count: number): string {
  return Array.from({ length: Math.min(count, 100_000) }, (_, at) => VOCABULARY[at % VOCABULARY.length]).join(" ");
}

const LONGEST_QUOTE = 600;

function quote(text: string): string {
  const points = Array.from(text);
  return `“${points.length > LONGEST_QUOTE ? `${points.slice(0, LONGEST_QUOTE).join("")}…` : text}”`;
}

function cutTo(answer: Answer, limit: number | undefined): Answer {
  if (limit === undefined || outputTokens(answer) <= limit) return answer;
  const reasoning = answer.reasoning.slice(0, limit);
  return { ...answer, reasoning, text: answer.text.slice(0, limit - reasoning.length), finish: "length" };
}

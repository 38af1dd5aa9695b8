import type { Answer } from "./answer.ts";
import type { Ask, Usage } from "./ask.ts";
import type { Frame } from "./event-stream.ts";

/** What an answer is labelled with. */
export interface Reply {
  id: string;
  model: string;
  /** Unix seconds */
  created: number;
  answer: Answer;
  /** undefined: the provider tells none. */
  usage: Usage | undefined;
}

/** One of the APIs that the provider speaks. */
export interface Protocol {
  /** @throws BadRequest */
  parse(body: unknown): Ask;
  whole(reply: Reply): object;
  frames(reply: Reply, ask: Ask): Frame[];
}

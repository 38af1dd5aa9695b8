import type { Frame } from "./event-stream.ts";
import type { Prompt } from "./tokens.ts";

/** A request for an answer, whichever API it came through. */
export interface Ask {
  model: string;
  stream: boolean;
  /** The most output tokens; reasoning counts too. */
  maxTokens: number | undefined;
  /** The user's last text, without what agents wrap around it. */
  userText: string;
  prompt: Prompt;
  thinks: boolean;
  /** The tool that the client says must be called, or that its user has asked for. */
  tool: WishedTool | undefined;
  /** OpenAI's `stream_options.include_usage`. */
  includeUsage: boolean;
}

export interface WishedTool {
  name: string;
  /** JSON. */
  arguments: string;
}

/** What was read and written, in tokens. `input` includes `cached`. */
export interface Usage {
  input: number;
  cached: number;
  output: number;
}

/** What the model says, in tokens. */
export interface Answer {
  reasoning: string[];
  text: string[];
  toolCall: { id: string; name: string; arguments: string[] } | undefined;
  finish: "stop" | "length" | "tool";
}

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
  /** @throws ZodError */
  parse(body: unknown): Ask;
  whole(reply: Reply): object;
  frames(reply: Reply, ask: Ask): Frame[];
}

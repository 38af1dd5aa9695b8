import type { Prompt } from "./prompt.ts";

export interface WishedTool {
  name: string;
  /** JSON. */
  arguments: string;
}

/** A request for an answer, whichever API it came through. */
export interface Ask {
  model: string;
  stream: boolean;
  /** Most output tokens the client will take; reasoning counts too. */
  maxTokens: number | undefined;
  /** The last thing the user said, without what agents wrap around it. */
  userText: string;
  prompt: Prompt;
  thinks: boolean;
  /** The tool that the client says must be called, or that its user has asked for. */
  tool: WishedTool | undefined;
  /** OpenAI's `stream_options.include_usage`. */
  includeUsage: boolean;
}

/** What was read and written, in tokens. `input` includes `cached`. */
export interface Usage {
  input: number;
  cached: number;
  output: number;
}

/** The request's body is not what the API takes. The message is shown to the caller. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

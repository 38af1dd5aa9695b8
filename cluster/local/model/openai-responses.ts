import * as z from "zod";
import { batches, type Frame, named } from "./event-stream.ts";
import type { Ask, Protocol, Reply, Usage } from "./protocol.ts";
import { readPrompt } from "./tokens.ts";
import { lastUserText, Turn } from "./user-text.ts";

const Body = z.looseObject({
  model: z.string(),
  // Items without a role are tool calls and their results: input, but not a user's text.
  input: z.union([z.string(), z.array(z.union([Turn, z.looseObject({ type: z.string() })])).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().positive().nullish(),
  tools: z.array(z.unknown()).nullish(),
});

/** `POST /v1/responses` in its plain form: text in, one message out. */
export const openaiResponses: Protocol = { parse, whole: ended, frames };

function parse(body: unknown): Ask {
  const { input, tools, instructions, ...asked } = Body.parse(body);
  const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
  return {
    model: asked.model,
    stream: asked.stream ?? false,
    maxTokens: asked.max_output_tokens ?? undefined,
    userText: lastUserText(items.flatMap((item) => Turn.safeParse(item).data ?? [])),
    prompt: readPrompt(tools, instructions, items),
    thinks: false,
    tool: undefined,
    includeUsage: true,
  };
}

const usageOf = ({ input, cached, output }: Usage) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output,
});

const part = (text: string) => ({ type: "output_text", text, annotations: [] });

const item = ({ id }: Reply, status: string, content: object[]) => ({
  id: `msg_${id}`,
  type: "message",
  role: "assistant",
  status,
  content,
});

const begun = ({ id, created, model }: Reply) => ({
  id,
  object: "response",
  created_at: created,
  model,
  status: "in_progress",
  error: null,
  incomplete_details: null as object | null,
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  tool_choice: "auto",
  tools: [],
  output: [] as object[],
  usage: null as object | null,
});

function ended(reply: Reply) {
  const cut = reply.answer.finish === "length";
  const status = cut ? "incomplete" : "completed";
  return {
    ...begun(reply),
    status,
    incomplete_details: cut ? { reason: "max_output_tokens" } : null,
    output: [item(reply, status, [part(reply.answer.text.join(""))])],
    usage: reply.usage ? usageOf(reply.usage) : null,
  };
}

function frames(reply: Reply): Frame[] {
  let sequence = 0;
  const event = (name: string, value: object, tokens = 0) =>
    named(name, { sequence_number: sequence++, ...value }, tokens);
  const text = reply.answer.text.join("");
  const place = { item_id: `msg_${reply.id}`, output_index: 0, content_index: 0 };
  const final = ended(reply);
  return [
    event("response.created", { response: begun(reply) }),
    event("response.output_item.added", { output_index: 0, item: item(reply, "in_progress", []) }),
    event("response.content_part.added", { ...place, part: part("") }),
    ...batches(reply.answer.text).map((batch) =>
      event("response.output_text.delta", { ...place, delta: batch.text, logprobs: [] }, batch.tokens),
    ),
    event("response.output_text.done", { ...place, text, logprobs: [] }),
    event("response.content_part.done", { ...place, part: part(text) }),
    event("response.output_item.done", { output_index: 0, item: item(reply, "completed", [part(text)]) }),
    event(`response.${final.status}`, { response: final }),
  ];
}

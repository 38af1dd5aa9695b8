import * as z from "zod";
import { type Ask, BadRequest, type Usage } from "./ask.ts";
import { batches, type Frame, named } from "./event-stream.ts";
import { readPrompt } from "./prompt.ts";
import type { Protocol, Reply } from "./protocol.ts";
import { lastUserText, Turn } from "./user-text.ts";

/** Items without a role are tool calls and their results: they are read, but nobody said them. */
const Item = z.union([Turn, z.looseObject({ type: z.string() })]);

const Body = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(Item).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().positive().nullish(),
  tools: z.array(z.unknown()).nullish(),
});

/** `POST /v1/responses` in its plain form: text in, one message out. */
export const openaiResponses: Protocol = { parse, whole: (reply) => response(reply, "completed"), frames };

function parse(body: unknown): Ask {
  const parsed = Body.safeParse(body);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  const { model, input, instructions, stream, max_output_tokens, tools } = parsed.data;
  const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
  return {
    model,
    stream: stream ?? false,
    maxTokens: max_output_tokens ?? undefined,
    userText: lastUserText(items.flatMap((item) => Turn.safeParse(item).data ?? [])),
    prompt: readPrompt(tools, instructions, items),
    thinks: false,
    tool: undefined,
    includeUsage: true,
  };
}

const responsesUsage = ({ input, cached, output }: Usage) => ({
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

function response(reply: Reply, status: "in_progress" | "completed") {
  const { id, created, model, answer, usage } = reply;
  const done = status === "completed";
  const cut = done && answer.finish === "length";
  const end = cut ? "incomplete" : status;
  return {
    id,
    object: "response",
    created_at: created,
    model,
    status: end,
    error: null,
    incomplete_details: cut ? { reason: "max_output_tokens" } : null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: [],
    output: done ? [item(reply, end, [part(answer.text.join(""))])] : [],
    usage: done && usage ? responsesUsage(usage) : null,
  };
}

function frames(reply: Reply): Frame[] {
  let sequence = 0;
  const event = (name: string, value: object, tokens = 0) =>
    named(name, { sequence_number: sequence++, ...value }, tokens);
  const text = reply.answer.text.join("");
  const place = { item_id: `msg_${reply.id}`, output_index: 0, content_index: 0 };
  const final = response(reply, "completed");
  return [
    event("response.created", { response: response(reply, "in_progress") }),
    event("response.in_progress", { response: response(reply, "in_progress") }),
    event("response.output_item.added", { output_index: 0, item: item(reply, "in_progress", []) }),
    event("response.content_part.added", { ...place, part: part("") }),
    ...batches(reply.answer.text).map((batch) =>
      event("response.output_text.delta", { ...place, delta: batch.text, logprobs: [] }, batch.tokens),
    ),
    event("response.output_text.done", { ...place, text, logprobs: [] }),
    event("response.content_part.done", { ...place, part: part(text) }),
    event("response.output_item.done", { output_index: 0, item: item(reply, "completed", [part(text)]) }),
    event(final.status === "incomplete" ? "response.incomplete" : "response.completed", { response: final }),
  ];
}

import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateText, jsonSchema, type LanguageModel, RetryError, streamText, tool } from "ai";
import {
  type Asked,
  type Client,
  describeClients,
  type Outcome,
  PICTURE,
  QUESTION,
  type Task,
  TOOL,
} from "../conduct.ts";

type ModelOf = (asked: Asked) => LanguageModel;

/** How every call is made. Unbounded, the SDK would warn that it does not know the model. */
const settings = (modelOf: ModelOf, asked: Asked) => ({
  model: modelOf(asked),
  maxRetries: asked.maxRetries,
  maxOutputTokens: 300,
});

const tasks = (modelOf: ModelOf): Record<Task, (asked: Asked) => Promise<Outcome>> => ({
  async chat(asked) {
    const { text } = await generateText({ ...settings(modelOf, asked), prompt: QUESTION });
    return { text };
  },
  async stream(asked) {
    const { textStream } = streamText({ ...settings(modelOf, asked), prompt: QUESTION });
    const texts: string[] = [];
    for await (const text of textStream) texts.push(text);
    return { text: texts.join(""), parts: texts.length };
  },
  async tool(asked) {
    const { toolCalls } = await generateText({
      ...settings(modelOf, asked),
      prompt: QUESTION,
      tools: { [TOOL.name]: tool({ description: TOOL.description, inputSchema: jsonSchema(TOOL.parameters) }) },
      toolChoice: { type: "tool", toolName: TOOL.name },
    });
    return toolCalls[0] ? { tool: toolCalls[0].toolName } : {};
  },
  async image(asked) {
    const content = [
      { type: "text" as const, text: QUESTION },
      { type: "file" as const, data: PICTURE, mediaType: "image/png" },
    ];
    const { text } = await generateText({ ...settings(modelOf, asked), messages: [{ role: "user", content }] });
    return { text };
  },
});

function statusOf(error: unknown): number | undefined {
  const last = RetryError.isInstance(error) ? error.lastError : error;
  return APICallError.isInstance(last) ? last.statusCode : undefined;
}

const clientOf = (modelOf: ModelOf): Client => {
  const all = tasks(modelOf);
  return { run: (task, asked) => all[task](asked), statusOf };
};

const openai = ({ url, token }: Asked) => createOpenAI({ apiKey: token, baseURL: `${url}/v1` });
const anthropic = ({ url, token }: Asked) => createAnthropic({ apiKey: token, baseURL: `${url}/v1` });

describeClients({
  "Vercel AI SDK, OpenAI's chat": { open: () => clientOf((asked) => openai(asked).chat(asked.model)) },
  "Vercel AI SDK, OpenAI's responses": {
    open: () => clientOf((asked) => openai(asked).responses(asked.model)),
    tools: false,
  },
  "Vercel AI SDK, Anthropic's messages": { open: () => clientOf((asked) => anthropic(asked)(asked.model)) },
});

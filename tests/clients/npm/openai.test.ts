import OpenAI from "openai";
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

const clientOf = ({ url, token, maxRetries }: Asked) =>
  new OpenAI({ apiKey: token, baseURL: `${url}/v1`, maxRetries }).chat.completions;

const words = [{ role: "user" as const, content: QUESTION }];

const TASKS: Record<Task, (asked: Asked) => Promise<Outcome>> = {
  async chat(asked) {
    const answer = await clientOf(asked).create({ model: asked.model, messages: words, max_tokens: 200 });
    return { text: answer.choices[0]?.message.content ?? "" };
  },
  async stream(asked) {
    const stream = await clientOf(asked).create({ model: asked.model, messages: words, stream: true });
    const texts: string[] = [];
    for await (const { choices } of stream) if (choices[0]?.delta.content) texts.push(choices[0].delta.content);
    return { text: texts.join(""), parts: texts.length };
  },
  async tool(asked) {
    const stream = clientOf(asked).stream({
      model: asked.model,
      messages: words,
      tools: [{ type: "function", function: TOOL }],
      tool_choice: { type: "function", function: { name: TOOL.name } },
    });
    const call = (await stream.finalChatCompletion()).choices[0]?.message.tool_calls?.[0];
    return call?.type === "function" ? { tool: call.function.name } : {};
  },
  async image(asked) {
    const picture = { type: "image_url" as const, image_url: { url: `data:image/png;base64,${PICTURE}` } };
    const content = [{ type: "text" as const, text: QUESTION }, picture];
    const answer = await clientOf(asked).create({ model: asked.model, messages: [{ role: "user", content }] });
    return { text: answer.choices[0]?.message.content ?? "" };
  },
};

const client: Client = {
  run: (task, asked) => TASKS[task](asked),
  statusOf: (error) => (error instanceof OpenAI.APIError ? error.status : undefined),
};

describeClients({ openai: { open: () => client } });

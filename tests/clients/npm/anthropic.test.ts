import Anthropic from "@anthropic-ai/sdk";
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
  new Anthropic({ apiKey: token, baseURL: url, maxRetries }).messages;

const question = ({ model }: Asked) => ({
  model,
  max_tokens: 300,
  messages: [{ role: "user" as const, content: QUESTION }],
});

const textOf = ({ content }: Anthropic.Message): Outcome => ({
  text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
});

const TASKS: Record<Task, (asked: Asked) => Promise<Outcome>> = {
  async chat(asked) {
    return textOf(await clientOf(asked).create(question(asked)));
  },
  async stream(asked) {
    const stream = clientOf(asked).stream(question(asked));
    let parts = 0;
    stream.on("text", () => parts++);
    return { ...textOf(await stream.finalMessage()), parts };
  },
  async tool(asked) {
    const { name, description, parameters } = TOOL;
    const answer = await clientOf(asked)
      .stream({
        ...question(asked),
        tools: [{ name, description, input_schema: parameters }],
        tool_choice: { type: "tool", name },
      })
      .finalMessage();
    const call = answer.content.find((block) => block.type === "tool_use");
    return call ? { tool: call.name } : {};
  },
  async image(asked) {
    const source = { type: "base64" as const, media_type: "image/png" as const, data: PICTURE };
    const content = [
      { type: "text" as const, text: QUESTION },
      { type: "image" as const, source },
    ];
    return textOf(await clientOf(asked).create({ ...question(asked), messages: [{ role: "user", content }] }));
  },
};

const client: Client = {
  run: (task, asked) => TASKS[task](asked),
  statusOf: (error) => (error instanceof Anthropic.APIError ? error.status : undefined),
};

describeClients({ "@anthropic-ai/sdk": { open: () => client } });

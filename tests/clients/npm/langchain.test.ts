import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
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

const modelOf = ({ url, token, model, maxRetries }: Asked) =>
  new ChatOpenAI({ model, apiKey: token, maxRetries, configuration: { baseURL: `${url}/v1` } });

const TASKS: Record<Task, (asked: Asked) => Promise<Outcome>> = {
  async chat(asked) {
    return { text: (await modelOf(asked).invoke(QUESTION)).text };
  },
  async stream(asked) {
    const texts: string[] = [];
    for await (const chunk of await modelOf(asked).stream(QUESTION)) if (chunk.text) texts.push(chunk.text);
    return { text: texts.join(""), parts: texts.length };
  },
  async tool(asked) {
    const model = modelOf(asked).bindTools([{ type: "function", function: TOOL }], { tool_choice: TOOL.name });
    const [call] = (await model.invoke(QUESTION)).tool_calls ?? [];
    return call ? { tool: call.name } : {};
  },
  async image(asked) {
    const picture = { type: "image_url" as const, image_url: { url: `data:image/png;base64,${PICTURE}` } };
    const message = new HumanMessage({ content: [{ type: "text", text: QUESTION }, picture] });
    return { text: (await modelOf(asked).invoke([message])).text };
  },
};

function statusOf(error: unknown): number | undefined {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" ? status : undefined;
}

const client: Client = { run: (task, asked) => TASKS[task](asked), statusOf };

describeClients({ LangChain: { open: () => client } });

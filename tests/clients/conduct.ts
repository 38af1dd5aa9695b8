/** What every client must be able to do with the edge, in any language. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { type Customer, type ProxyStack, startProxyStack } from "../integration/proxy/proxy-stack.ts";
import { keepBusy } from "./keep-busy.ts";

export const QUESTION = "Say hello";
export const TOOL = {
  name: "weather",
  description: "The weather of a city",
  parameters: { type: "object" as const, properties: { city: { type: "string" as const } } },
};
/** One transparent pixel. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

export type Task = "chat" | "stream" | "tool" | "image";

export interface Asked {
  /** The edge, without `/v1`. */
  url: string;
  token: string;
  model: string;
  maxRetries: number;
}

export interface Outcome {
  text?: string;
  /** How many parts of a stream brought text. */
  parts?: number;
  /** The tool that the model called. */
  tool?: string;
  /** What the client threw. */
  error?: { status: number | undefined; name: string };
}

export interface Client {
  /** Throws the client's errors, unless they are in the outcome. */
  run(task: Task, asked: Asked): Promise<Outcome>;
  /** The HTTP status in the client's error. */
  statusOf?(error: unknown): number | undefined;
  close?(): void;
}

interface Described {
  open(): Client | Promise<Client>;
  /** False where the provider's stand-in calls no tools in the API that the client uses. */
  tools?: boolean;
}

const MODEL = "kimi-coding/k2p5";

/** The provider of these tests serves every API, so that OpenAI's responses may be asked for too. */
const modelTable = (provider: string) => ({
  providers: {
    all: {
      key: "KIMI_API_KEY",
      openai: `${provider}/v1`,
      anthropic: `${provider}/anthropic/v1`,
      endpoints: ["chat/completions", "responses", "messages"],
    },
  },
  models: [{ id: MODEL, name: "K", context_window: 262_144, routes: [{ provider: "all", model: "kimi-k2.5" }] }],
});

/** The clients of a file share one edge. */
export function describeClients(clients: Record<string, Described>): void {
  let stack: ProxyStack;

  beforeAll(async () => {
    stack = await startProxyStack({
      varsFor: (urls) => ({ MODEL_TABLE: JSON.stringify(modelTable(urls.model)) }),
    });
  });
  afterAll(() => stack?.close());

  describe.each(Object.entries(clients))("%s", (_, { open, tools = true }) => {
    let client: Client;

    beforeAll(async () => {
      client = await open();
    });
    afterAll(() => client?.close?.());

    /** Without retries, so that the first answer is what is seen. */
    async function run(task: Task, customer: Pick<Customer, "token">, over: Partial<Asked> = {}): Promise<Outcome> {
      const asked = { url: stack.url, token: customer.token, model: MODEL, maxRetries: 0, ...over };
      try {
        return await client.run(task, asked);
      } catch (error) {
        const named = error instanceof Error ? error.name : typeof error;
        return { error: { status: client.statusOf?.(error), name: named } };
      }
    }

    test("chats, and what it used is booked", async () => {
      const customer = await stack.makeCustomer();
      expect((await run("chat", customer)).text).toContain(QUESTION);
      const [row] = await stack.ledger(customer.id, 1);
      expect(row).toMatchObject({ outcome: "completed", estimated: false, token_id: customer.tokenId });
    });

    test("streams, part by part, and is booked", async () => {
      const customer = await stack.makeCustomer();
      const { text, parts } = await run("stream", customer);
      expect(text).toContain(QUESTION);
      expect(parts).toBeGreaterThan(3);
      const [row] = await stack.ledger(customer.id, 1);
      expect(row).toMatchObject({ outcome: "completed", estimated: false });
    });

    if (tools) {
      test("calls a tool", async () => {
        expect(await run("tool", await stack.makeCustomer())).toEqual({ tool: TOOL.name });
      });
    }

    test("shows a picture", async () => {
      const customer = await stack.makeCustomer();
      expect((await run("image", customer)).text).toContain(QUESTION);
      const [row] = await stack.ledger(customer.id, 1);
      // The words alone are some ten tokens.
      expect(row?.input_tokens).toBeGreaterThan(200);
    });

    test("understands that a token is wrong, a model not there, an allowance spent", async () => {
      const customer = await stack.makeCustomer();
      const before = stack.model.requests().length;
      const wrong = { token: `${customer.token.slice(0, -1)}${customer.token.endsWith("0") ? "1" : "0"}` };
      expect(await run("chat", wrong)).toEqual(failure(401));
      expect(await run("chat", customer, { model: "gpt-none" })).toEqual(failure(404));
      const spent = await stack.makeCustomer({ used: 1_000_000 });
      expect(await run("chat", spent)).toEqual(failure(429));
      expect(stack.model.requests()).toHaveLength(before);
    });

    test("is told when it is too fast, and comes through by its own retries", async () => {
      const customer = await stack.makeCustomer();
      const isRefusal = (line: string) => [customer.id, "rate_limited", '"POST"'].every((word) => line.includes(word));
      const refusals = () => stack.logs.filter(isRefusal).length;

      const first = keepBusy(stack.url, customer.token);
      const told = await until("a refusal", async () => (await run("chat", customer)).error);
      await first.stop();
      expect(told.status).toBe(429);

      // One that is lucky at once has tried nothing again, and does not count.
      const retried = await until("a call that was refused before it was answered", async () => {
        const others = keepBusy(stack.url, customer.token);
        const before = refusals();
        const patient = run("chat", customer, { maxRetries: 8 }).finally(() => others.stop());
        await Promise.race([patient, until("a refusal", () => refusals() > before)]);
        await others.stop();
        const outcome = await patient;
        return refusals() > before && outcome;
      });
      expect(retried.text).toContain(QUESTION);
    });
  });
}

const failure = (status: number) => ({ error: { status, name: expect.any(String) } });

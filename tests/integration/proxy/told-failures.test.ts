/**
 * A model that gives no answer: to a box it is a message of the assistant in its owner's language, to any other client
 * the error that it is, and to operators one alert for each outage.
 */
import { createServer, type Server } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Fault } from "#cluster/local/model/faults.ts";
import type { ModelFailure } from "#schema/domain/reasons/model.ts";
import { until } from "#tests/harness/until.ts";
import { messagesIn } from "#workers/messages/messages.ts";
import { type Customer, type ProxyStack, startProxyStack } from "./proxy-stack.ts";

const { modelUnavailable, modelBusy, answerBrokeOff, voiceUnheard } = messagesIn("pt");
const NOBODY = "http://127.0.0.1:9";

let stack: ProxyStack;
let hole: Server;
let box: Customer;
let program: Customer;

beforeAll(async () => {
  hole = createServer(() => undefined).listen(0, "127.0.0.1");
  await new Promise((done) => hole.once("listening", done));
  const address = hole.address();
  const silent = `http://127.0.0.1:${address && typeof address === "object" ? address.port : 0}`;
  stack = await startProxyStack({
    varsFor: ({ model }) => ({ OTHER_API_KEY: "sk-revoked", MODEL_TABLE: table({ good: model, silent }) }),
  });
  hole.unref();
});
afterAll(() => stack.close());
beforeEach(async () => {
  stack.model.faults.clear();
  [box, program] = await Promise.all([
    stack.makeCustomer({ whenSpent: "message", language: "pt" }),
    stack.makeCustomer({ whenSpent: "error" }),
  ]);
});

interface Failing {
  fault?: Fault;
  /** Another address than the good provider's, or another key. */
  place?: "nobody" | "silent" | "key";
  /** What a program gets. */
  code: number;
  reason: ModelFailure;
}

const status = (code: number, message?: string): Fault => ({
  kind: "status",
  status: code,
  ...(message && { message }),
});

/** Each is a provider of its own, and the model that it serves. */
const FAILING: Record<string, Failing> = {
  "refuses-our-key": { place: "key", code: 502, reason: "model_key_refused" },
  "forbids-our-key": { fault: status(403), code: 502, reason: "model_key_refused" },
  "wants-money": { fault: status(402), code: 502, reason: "model_account_empty" },
  "wants-money-with-429": { fault: status(429, "see your billing details"), code: 502, reason: "model_account_empty" },
  "has-no-such-model": { fault: status(404), code: 502, reason: "model_not_served" },
  "limits-our-rate": { fault: status(429), code: 503, reason: "model_busy" },
  "is-overloaded": { fault: status(529), code: 503, reason: "model_busy" },
  fails: { fault: status(500), code: 502, reason: "model_unavailable" },
  "shows-a-page": { fault: { kind: "page" }, code: 502, reason: "model_unavailable" },
  "is-not-there": { place: "nobody", code: 502, reason: "model_unavailable" },
  "takes-requests-but-is-dead": { place: "silent", code: 504, reason: "model_unavailable" },
};

function table(urls: { good: string; silent: string }): string {
  const provider = ({ place }: Pick<Failing, "place"> = {}) => {
    const url = { nobody: NOBODY, silent: urls.silent, key: urls.good, good: urls.good }[place ?? "good"];
    const endpoints = ["chat/completions", "messages"];
    const key = place === "key" ? "OTHER_API_KEY" : "KIMI_API_KEY";
    return { key, openai: `${url}/v1`, anthropic: `${url}/anthropic/v1`, endpoints };
  };
  const row = (id: string, of = id) => ({
    id,
    name: id,
    context_window: 262_144,
    routes: [{ provider: of, model: "kimi-k2.5" }],
  });
  const failing = Object.entries(FAILING).map(([name, one]) => [name, provider(one)]);
  return JSON.stringify({
    providers: { ...Object.fromEntries(failing), good: provider(), "comes-back": provider() },
    models: [row("kimi-coding/k2p5", "good"), row("comes-back"), ...Object.keys(FAILING).map((name) => row(name))],
  });
}

interface Asked {
  of: Customer;
  dialect: "openai" | "anthropic";
  stream: boolean;
  model?: string;
  /** What OpenClaw asks for itself has none. */
  tools?: boolean;
  words?: string;
}

const turn = (content = "Conte até dez") => [{ role: "user" as const, content }];
const parameters = { type: "object" as const, properties: {} };

/** What the vendor's own client makes of the answer: what was said, or the error's status; its words where it came in a stream. */
async function ask(asked: Asked): Promise<string | number | undefined> {
  try {
    return asked.dialect === "openai" ? await askOpenAi(asked) : await askAnthropic(asked);
  } catch (error) {
    if (error instanceof OpenAI.APIError || error instanceof Anthropic.APIError) return error.status ?? error.message;
    throw error;
  }
}

async function askOpenAi({ of, stream, model = "kimi-coding/k2p5", tools = true, words }: Asked): Promise<string> {
  const client = new OpenAI({ apiKey: of.token, baseURL: `${stack.url}/v1`, maxRetries: 0 });
  const body = {
    model,
    messages: turn(words),
    ...(tools && { tools: [{ type: "function" as const, function: { name: "x", parameters } }] }),
  };
  const done = stream
    ? await client.chat.completions.stream(body).finalChatCompletion()
    : await client.chat.completions.create(body);
  expect(done.choices[0]?.finish_reason).toBe("stop");
  return done.choices[0]?.message.content ?? "";
}

async function askAnthropic({ of, stream, model = "kimi-coding/k2p5", tools = true, words }: Asked): Promise<string> {
  const client = new Anthropic({ apiKey: of.token, baseURL: stack.url, maxRetries: 0 });
  const body = {
    model,
    messages: turn(words),
    max_tokens: 500,
    ...(tools && { tools: [{ name: "x", input_schema: parameters }] }),
  };
  const done = stream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body);
  expect(done.stop_reason).toBe("end_turn");
  return done.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

const WAYS = [
  { dialect: "openai", stream: true },
  { dialect: "openai", stream: false },
  { dialect: "anthropic", stream: true },
  { dialect: "anthropic", stream: false },
] as const;

/** In every way at once: whatever the box is told, and each status that the program gets. */
const everyWay = async (model: string) => {
  const asked = (of: Customer) => Promise.all(WAYS.map((way) => ask({ of, model, ...way })));
  const [told, errors] = await Promise.all([asked(box), asked(program)]);
  return { told: [...new Set(told)], errors: [...new Set(errors)] };
};

/** The lines of a provider's outages, as an operator's alerts read them. */
const alertsOf = (provider: string): Record<string, unknown>[] =>
  stack.logs
    .filter((line) => line.includes(`"provider":"${provider}"`) && line.includes('"kind":"model_'))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))));

describe("a provider that fails before its first byte", () => {
  test.each(Object.entries(FAILING))("%s", async (name, { fault, code, reason }) => {
    if (fault) stack.model.faults.add({ fault, times: 1_000 });
    const startedAt = performance.now();
    const { told, errors } = await everyWay(name);
    expect(performance.now() - startedAt).toBeLessThan(13_000);
    expect(told).toEqual([reason === "model_busy" ? modelBusy : modelUnavailable]);
    // Where it fails often its breaker opens, and says busy.
    expect(errors.filter((error) => code !== 502 || error !== 503)).toEqual([code]);
    const alert = await until("the alert", () => alertsOf(name)[0]);
    expect(alert).toMatchObject({ kind: reason, level: "error", provider: name });
    await ask({ of: box, dialect: "openai", stream: true, model: name });
    expect(alertsOf(name)).toHaveLength(1);
    expect(await stack.neon.query("select reason from model_outages where provider = $1", [name])).toEqual([
      { reason },
    ]);
  });

  test("costs the owner nothing", async () => {
    expect(await ask({ of: box, dialect: "openai", stream: true, model: "is-not-there" })).toBe(modelUnavailable);
    stack.model.faults.clear();
    await ask({ of: box, dialect: "openai", stream: false });
    const rows = await stack.ledger(box.id, 1);
    expect(rows).toHaveLength(1);
  });

  test("and answers again: the next message is answered, and its outage is over", async () => {
    stack.model.faults.add({ fault: { kind: "status", status: 401 } });
    const wish = { of: box, dialect: "openai", stream: true, model: "comes-back" } as const;
    expect(await ask(wish)).toBe(modelUnavailable);
    await until("the alert", () => alertsOf("comes-back")[0]);
    expect(await ask(wish)).toContain("Conte até dez");
    const end = await until("its end", () => alertsOf("comes-back")[1]);
    expect(end).toMatchObject({ kind: "model_answers_again", reason: "model_key_refused", level: "info" });
  });

  test("is asked once for a refused key or an empty account", async () => {
    for (const fault of [
      { kind: "status", status: 401 } as const,
      { kind: "status", status: 429, message: "billing" } as const,
    ]) {
      stack.model.faults.clear();
      stack.model.faults.add({ fault });
      expect(await ask({ of: box, dialect: "openai", stream: true })).toBe(modelUnavailable);
    }
  });
});

describe("a stream that breaks off", () => {
  const streamed = (of: Customer, dialect: Asked["dialect"]) => ask({ of, dialect, stream: true });

  test.each([
    ["is cut", "openai", { kind: "cut", afterEvents: 4 }],
    ["is cut", "anthropic", { kind: "cut", afterEvents: 5 }],
    ["tells of an error", "openai", { kind: "error_event", afterEvents: 4 }],
    ["tells of an error", "anthropic", { kind: "error_event", afterEvents: 5 }],
  ] as const)("%s (%s): the sentence stands behind what was said, which is booked", async (_, dialect, fault) => {
    stack.model.faults.add({ fault });
    const said = await streamed(box, dialect);
    expect(said).toMatch(new RegExp(`^You said[^]+\n\n${answerBrokeOff}$`));
    const [row] = await stack.ledger(box.id, 1);
    expect(row).toMatchObject({ estimated: true, outcome: "upstream_error" });
    expect(row?.output_tokens).toBeGreaterThan(0);
  });

  test.each(["openai", "anthropic"] as const)(
    "before it has said anything is the sentence alone (%s)",
    async (dialect) => {
      stack.model.faults.add({ fault: { kind: "error_event", afterEvents: 0 } });
      expect(await streamed(box, dialect)).toBe(answerBrokeOff);
    },
  );

  test("is an error for another client, as before", async () => {
    stack.model.faults.add({ fault: { kind: "cut", afterEvents: 4 } });
    expect(await streamed(program, "openai")).toMatch(/broke off/);
  });

  test("in the middle of a tool's call is an error: half a call must not be carried out", async () => {
    stack.model.faults.add({ fault: { kind: "cut", afterEvents: 3 } });
    const words = 'call x {"command":"rm -rf /tmp/a-long-name-that-is-cut"}';
    expect(await ask({ of: box, dialect: "openai", stream: true, words })).toMatch(/broke off/);
  });
});

test("a recording without words is answered to a box without a model, and left to it for a program", async () => {
  const words =
    "[media attached: /workspace/input.ogg (audio/ogg)]\n[Audio attachment not analyzed: no model is configured]";
  for (const dialect of ["openai", "anthropic"] as const) {
    const asked = stack.model.requests().length;
    expect(await ask({ of: box, dialect, stream: true, words })).toBe(voiceUnheard);
    expect(stack.model.requests()).toHaveLength(asked);
    expect(await ask({ of: program, dialect, stream: true, words })).toContain("You said");
  }
});

test("what OpenClaw asks for itself gets the error: a sentence would take the place of the owner's conversation", async () => {
  stack.model.faults.add({ fault: { kind: "status", status: 401 } });
  expect(await ask({ of: box, dialect: "openai", stream: true, tools: false })).toBe(502);
});

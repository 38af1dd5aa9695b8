/** The way to the provider: what it is sent, what is tried again, what is waited for. */
import { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import type { ModelRoute } from "#workers/models/model-table.ts";
import { openUpstream, type UpstreamRequest } from "#workers/proxy/upstream/open-upstream.ts";
import type { Timeouts } from "#workers/proxy/upstream/timeouts.ts";

const TIMEOUTS: Timeouts = {
  firstByte: 150,
  askAfter: 5_000,
  signOfLife: 50,
  total: 300,
  idle: 1_000,
  keepalive: 1_000,
  drain: 1_000,
  backoff: 5,
};

let provider: Served;
let seen: { path: string; headers: Record<string, string>; body: string }[] = [];
let noted: [string, string | undefined][] = [];
let answers: ((request: Request) => Response | Promise<Response>)[] = [];

beforeAll(async () => {
  const app = new Hono();
  app.all("*", async (c) => {
    seen.push({ path: c.req.path, headers: c.req.header(), body: await c.req.text() });
    return (await answers.shift()?.(c.req.raw)) ?? events();
  });
  provider = await serve(app);
});
afterAll(() => provider.close());
beforeEach(() => {
  seen = [];
  noted = [];
  answers = [];
});

const events = () => new Response("data: {}\n\n", { headers: { "content-type": "text/event-stream" } });

const route = (base = provider.url, id = "first"): ModelRoute => ({
  upstreamId: "m",
  provider: { id, apiKey: "sk-platform", urls: { "chat/completions": `${base}/chat`, messages: `${base}/messages` } },
});

const HEADERS = {
  authorization: "Bearer ocp_customer",
  "x-api-key": "ocp_customer",
  cookie: "a=b",
  "user-agent": "OpenClaw",
  "x-forwarded-for": "203.0.113.9",
  "anthropic-version": "2023-01-01",
  "anthropic-beta": "tools",
};

const client = (signal = new AbortController().signal) => ({ headers: new Headers(HEADERS), signal });

const request = (over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  routes: [route()],
  endpoint: "chat/completions",
  stream: true,
  bodyFor: () => "{}",
  client: client(),
  note: (provider, failure) => void noted.push([provider.id, failure]),
  ...over,
});

const status =
  (code: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ error: { message: "x" } }, { status: code, headers });
const silent = (asked: Request) =>
  new Promise<Response>((_, reject) => asked.signal.addEventListener("abort", () => reject(new Error("gone"))));

describe("what the provider is sent", () => {
  test("our key, and nothing of the customer's", async () => {
    await openUpstream(request(), TIMEOUTS);
    expect(seen[0]).toMatchObject({ path: "/chat", headers: { authorization: "Bearer sk-platform" } });
    expect(JSON.stringify(seen)).not.toMatch(/ocp_customer|a=b|OpenClaw|203\.0\.113\.9|anthropic/);
  });

  test("Anthropic's version and features on Anthropic's path", async () => {
    await openUpstream(request({ endpoint: "messages" }), TIMEOUTS);
    expect(seen[0]).toMatchObject({
      path: "/messages",
      headers: { "x-api-key": "sk-platform", "anthropic-version": "2023-01-01", "anthropic-beta": "tools" },
    });
  });
});

describe("what is tried again", () => {
  test.each([500, 502, 503, 429, 529])("%i once", async (code) => {
    answers = [status(code)];
    expect((await openUpstream(request(), TIMEOUTS)).response.status).toBe(200);
    answers = [status(code), status(code)];
    await expect(openUpstream(request(), TIMEOUTS)).rejects.toMatchObject({ upstreamStatus: code });
    expect(seen).toHaveLength(4);
  });

  test.each([400, 401, 402, 403, 404, 422])("%i not at all", async (code) => {
    answers = [status(code)];
    await expect(openUpstream(request(), TIMEOUTS)).rejects.toThrow();
    expect(seen).toHaveLength(1);
  });

  test("nothing that the provider wants more time for than we have", async () => {
    answers = [status(429, { "retry-after": "30" })];
    await expect(openUpstream(request(), TIMEOUTS)).rejects.toMatchObject({ retryAfterMs: 30_000 });
    expect(seen).toHaveLength(1);
  });

  test("not sooner than the provider asks for", async () => {
    answers = [status(503, { "retry-after": "1" })];
    const startedAt = performance.now();
    expect(await openUpstream(request(), TIMEOUTS)).toMatchObject({ attempts: 2 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  test("nothing for a client that has gone", async () => {
    answers = [status(500)];
    await expect(openUpstream(request({ client: client(AbortSignal.abort()) }), TIMEOUTS)).rejects.toThrow();
    expect(seen).toHaveLength(1);
  });

  test("a redirect is not followed: it would take our key elsewhere", async () => {
    answers = [() => Response.redirect(`${provider.url}/elsewhere`, 302)];
    await expect(openUpstream(request(), TIMEOUTS)).rejects.toMatchObject({ kind: "upstream_refused" });
    expect(seen).toHaveLength(1);
  });
});

describe("what is waited for", () => {
  test("a stream's first byte, once", async () => {
    answers = [silent];
    await expect(openUpstream(request(), TIMEOUTS)).rejects.toMatchObject({ kind: "upstream_timeout" });
    expect(seen).toHaveLength(1);
  });

  test("a provider that can't be reached, twice", async () => {
    const nowhere = request({ routes: [route("http://127.0.0.1:9")] });
    await expect(openUpstream(nowhere, TIMEOUTS)).rejects.toMatchObject({ kind: "upstream_failed" });
  });
});

describe("what is no answer", () => {
  test.each([
    ["a page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["a document", () => Response.json({ error: { message: "no" } })],
  ])("%s in place of a stream: asked once more", async (_, page) => {
    answers = [page];
    expect(await openUpstream(request(), TIMEOUTS)).toMatchObject({ attempts: 2 });
    answers = [page, page];
    await expect(openUpstream(request(), TIMEOUTS)).rejects.toMatchObject({ failure: "model_unavailable" });
  });
});

describe("a provider that is silent", () => {
  const slow = { ...TIMEOUTS, firstByte: 2_000, total: 2_000, askAfter: 100, signOfLife: 100 };
  /** Gives no headers for so long; `alive`: it does answer what is asked beside. */
  const thinks = (ms: number, alive: boolean) => {
    answers = [async () => await new Promise<Response>((done) => setTimeout(() => done(events()), ms))];
    for (let i = 0; i < 9; i++) answers.push(alive ? () => Response.json({}, { status: 405 }) : silent);
  };

  test("but alive is waited for, as long as a model thinks", async () => {
    thinks(1_000, true);
    expect((await openUpstream(request(), slow)).response.status).toBe(200);
    expect(seen.length).toBeGreaterThan(2);
    expect(JSON.stringify(seen.slice(1))).not.toContain("sk-platform");
  });

  test("and dead is given up at once, and not asked again", async () => {
    thinks(1_500, false);
    const startedAt = performance.now();
    const refused = openUpstream(request(), slow);
    await expect(refused).rejects.toMatchObject({ kind: "upstream_timeout", failure: "model_unavailable" });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(seen).toHaveLength(2);
  });
});

describe("what operators hear of", () => {
  test("an answer", async () => {
    await openUpstream(request(), TIMEOUTS);
    expect(noted).toEqual([["first", undefined]]);
  });

  test("a refused key, although the second provider answers", async () => {
    answers = [status(401)];
    await openUpstream(request({ routes: [route(), route(provider.url, "second")] }), TIMEOUTS);
    expect(noted).toEqual([
      ["first", "model_key_refused"],
      ["second", undefined],
    ]);
  });

  test("a failure that a second try made good: nothing but the answer", async () => {
    answers = [status(500)];
    await openUpstream(request(), TIMEOUTS);
    expect(noted).toEqual([["first", undefined]]);
  });

  test("a failure that stayed, once; and no mistake of the client's", async () => {
    answers = [status(500), status(500), status(400)];
    await openUpstream(request(), TIMEOUTS).catch(() => undefined);
    expect(noted).toEqual([["first", "model_unavailable"]]);
    await openUpstream(request(), TIMEOUTS).catch(() => undefined);
    expect(noted).toHaveLength(1);
  });
});

describe("a second provider", () => {
  const both = () => request({ routes: [route("http://127.0.0.1:9"), route(provider.url, "second")] });

  test("is asked at once when the first fails", async () => {
    expect(await openUpstream(both(), TIMEOUTS)).toMatchObject({ provider: { id: "second" }, attempts: 2 });
  });

  test("also when the first refuses our key, which is then not asked again", async () => {
    answers = [status(401), status(500)];
    const two = request({ routes: [route(), route(provider.url, "second")] });
    await expect(openUpstream(two, TIMEOUTS)).rejects.toMatchObject({ upstreamStatus: 500 });
    expect(seen).toHaveLength(2);
  });

  test("is not asked what the first called the client's mistake", async () => {
    answers = [status(400)];
    await expect(openUpstream(request({ routes: [route(), route()] }), TIMEOUTS)).rejects.toMatchObject({
      kind: "invalid_request",
    });
    expect(seen).toHaveLength(1);
  });

  test("is the only one asked once the first has failed often", async () => {
    const routes = [route("http://127.0.0.1:9"), route(provider.url, "second")];
    const asked: number[] = [];
    for (let i = 0; i < 7; i++) asked.push((await openUpstream(request({ routes }), TIMEOUTS)).attempts);
    expect(asked).toEqual([2, 2, 2, 2, 2, 1, 1]);
  });

  test("where there is none, a dead one is not waited for", async () => {
    const routes = [route("http://127.0.0.1:9")];
    for (let i = 0; i < 3; i++) await openUpstream(request({ routes }), TIMEOUTS).catch(() => undefined);
    const refused = openUpstream(request({ routes }), TIMEOUTS);
    await expect(refused).rejects.toMatchObject({ kind: "upstream_busy", status: 503 });
  });
});

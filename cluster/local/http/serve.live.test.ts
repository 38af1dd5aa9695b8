import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { type Served, type ServeOptions, serve } from "./serve.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(app: Hono, options?: ServeOptions): Promise<Served> {
  const server = await serve(app, options);
  open.push(server);
  return server;
}

const hello = () => new Hono().all("/", (c) => c.text("hello"));

test("listens on the one address it is told", async () => {
  const other = await start(new Hono().all("/", (c) => c.text("other")));
  const server = await start(hello(), { host: "127.0.0.2", port: other.port });
  expect(server.url).toBe(`http://127.0.0.2:${other.port}`);
  expect(await (await fetch(server.url)).text()).toBe("hello");
  expect(await (await fetch(other.url)).text()).toBe("other");
});

test("names the address that is taken", async () => {
  const { port } = await start(hello());
  await expect(serve(hello(), { port })).rejects.toThrow(`127.0.0.1:${port} is in use`);
});

test("refuses what a page of another site asks", async () => {
  const { url } = await start(hello());
  const answer = await fetch(url, { method: "POST", headers: { origin: "https://evil.example" } });
  expect([answer.status, await answer.text()]).toEqual([403, "requests from other sites' pages are refused\n"]);
});

test("close ends streams that are still open", async () => {
  const endless = new Hono().get("/", () => new Response(new ReadableStream({ start: (c) => c.enqueue("x") })));
  const server = await serve(endless);
  const stream = await fetch(server.url);
  await server.close();
  await expect(stream.text()).rejects.toThrow();
  await expect(fetch(server.url)).rejects.toThrow();
});

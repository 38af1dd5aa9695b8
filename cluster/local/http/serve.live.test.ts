import { once } from "node:events";
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type Served, type ServeOptions, serve } from "./serve.ts";
import type { StandIn } from "./stand-in.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(standIn: Pick<StandIn, "app">, options?: ServeOptions): Promise<Served> {
  const server = await serve(standIn.app, options);
  open.push(server);
  return server;
}

/** Answers `/where` with the path it saw, and echoes on a WebSocket at `/echo`. */
function echo(): StandIn {
  const sockets = new WebSocketServer({ noServer: true });
  return {
    app: new Hono().get("/where", (c) => c.text(c.req.path)),
    upgrade(request, socket, head) {
      if (request.url !== "/echo") return false;
      sockets.handleUpgrade(request, socket, head, (ws) => ws.on("message", (data) => ws.send(data)));
      return true;
    },
    close: async () => sockets.close(),
  };
}

describe("serve", () => {
  test("listens on the one address it is told", async () => {
    const server = await start(echo(), { host: "127.0.0.2" });
    expect(server.url).toBe(`http://127.0.0.2:${server.port}`);
    expect((await fetch(`${server.url}/where`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${server.port}/where`)).rejects.toThrow();
  });

  test("names the address that is taken", async () => {
    const { port } = await start(echo());
    await expect(serve(echo().app, { port })).rejects.toThrow(`127.0.0.1:${port} is in use`);
  });

  test("refuses what a page of another site asks, upgrades too", async () => {
    const app = new Hono().all("/*", () => {
      throw new Error("must not be asked");
    });
    const server = await start({ app });
    const answer = await fetch(server.url, { method: "POST", headers: { origin: "https://evil.example" } });
    expect([answer.status, await answer.text()]).toEqual([403, "pages of other sites may not ask here\n"]);
    const { upgrade } = echo();
    const sockets = await start({ app }, { upgrade });
    const socket = new WebSocket(`${sockets.url}/echo`, { headers: { host: `evil.example:${sockets.port}` } });
    const [error] = await once(socket, "error");
    expect(String(error)).toContain("421");
  });

  test("close ends streams and WebSockets that are still open", async () => {
    const endless = new Hono().get("/stream", () => new Response(new ReadableStream({ start: (c) => c.enqueue("x") })));
    const { upgrade } = echo();
    const server = await serve(endless, { upgrade });
    const stream = await fetch(`${server.url}/stream`);
    const socket = new WebSocket(`${server.url}/echo`);
    await once(socket, "open");
    const closed = once(socket, "close");
    await server.close();
    await closed;
    await expect(stream.text()).rejects.toThrow();
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test("refuses an upgrade that nobody takes", async () => {
    const server = await start(echo());
    const socket = new WebSocket(`${server.url}/echo`);
    const [error] = await once(socket, "error");
    expect(String(error)).toContain("404");
  });
});

import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { redisEngine } from "./redis-engine.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A server that speaks as told, and notes what it hears. */
async function server(port: number, hear: (socket: Socket, data: string) => void): Promise<number> {
  const tcp = createServer((socket) => socket.on("data", (data) => hear(socket, String(data))));
  open.push(tcp);
  await new Promise<void>((resolve) => tcp.listen(port, "127.0.0.1", resolve));
  const address = tcp.address();
  return typeof address === "object" && address ? address.port : 0;
}

test("opens a new connection after the old one broke", async () => {
  let heard = 0;
  const port = await server(0, (socket) => (++heard === 1 ? socket.destroy() : socket.write("+PONG\r\n")));
  const engine = redisEngine(`redis://127.0.0.1:${port}`);
  await expect(engine.run(["PING"])).rejects.toThrow("closed the connection");
  expect(await engine.run(["PING"])).toBe("PONG");
  await engine.close();
});

test("says that Redis can't be reached, and where", async () => {
  const port = await server(0, () => {});
  for (const tcp of open.splice(0)) await new Promise((resolve) => tcp.close(resolve));
  const engine = redisEngine(`redis://:secret@127.0.0.1:${port}`);
  await expect(engine.run(["PING"])).rejects.toThrow(new RegExp(`can't be reached.*127.0.0.1:${port}`));
  await expect(engine.run(["PING"])).rejects.not.toThrow("secret");
});

test("keeps commands away that would take the shared connection", async () => {
  const heard: string[] = [];
  const port = await server(0, (socket, data) => {
    heard.push(data);
    socket.write("+PONG\r\n");
  });
  const engine = redisEngine(`redis://127.0.0.1:${port}`);
  for (const name of ["SUBSCRIBE", "multi", "BLPOP", "Select"]) {
    expect(String(await engine.run([name, "x"]))).toContain("not available");
  }
  expect(String(await engine.transaction([["PING"], ["WATCH", "a"]]))).toContain("EXECABORT");
  expect(await engine.run(["PING"])).toBe("PONG");
  expect(heard).toEqual(["*1\r\n$4\r\nPING\r\n"]);
  await engine.close();
});

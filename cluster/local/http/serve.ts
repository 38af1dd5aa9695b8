import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { bracketed, refusalOf } from "./refusal.ts";
import type { Upgrade } from "./stand-in.ts";

export interface ServeOptions {
  /** Default: loopback. */
  host?: string | undefined;
  /** 0 or absent: a free one. */
  port?: number | undefined;
  upgrade?: Upgrade | undefined;
}

export interface Served {
  /** Without a trailing slash. */
  url: string;
  port: number;
  /** Ends open connections too (streams, WebSockets), and resolves when the port is free again. */
  close(): Promise<void>;
}

/** Anything with a `fetch` like Hono's, whatever its environment type. */
type Servable = Pick<Hono, "fetch">;

/** Listens, and refuses what pages of other sites ask. @throws Error that names the address which could not be had, and why. */
export async function serve(app: Servable, options: ServeOptions = {}): Promise<Served> {
  const { host = "127.0.0.1", port = 0, upgrade } = options;
  const server = createAdaptorServer({
    fetch: (request, env) => refused((env as HttpBindings).incoming, host) ?? app.fetch(request, env),
    // The adaptor's faster Request and Response would replace the globals for everybody in this process.
    overrideGlobalObjects: false,
  }) as Server;
  const upgraded = acceptUpgrades(server, host, upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${bracketed(host)}:${taken}`, port: taken, close: () => close(server, upgraded) };
}

function refused(request: IncomingMessage, host: string): Response | undefined {
  const refusal = refusalOf(request, host);
  return refusal && new Response(`${refusal.reason}\n`, { status: refusal.status });
}

/** @returns the connections that were taken over: Node forgets them, so closing must know them. */
function acceptUpgrades(server: Server, host: string, upgrade: Upgrade | undefined): Set<Duplex> {
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy());
    const refusal = refusalOf(request, host);
    if (!refusal && upgrade?.(request, socket, head)) return;
    socket.end(`HTTP/1.1 ${refusal?.status ?? 404} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  return upgraded;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const address = `${bracketed(host)}:${port}`;
  if (error.code === "EADDRINUSE") {
    return new Error(`${address} is in use: stop the program that listens there, or choose another port`, {
      cause: error,
    });
  }
  return new Error(`can't listen on ${address}: ${error.message}`, { cause: error });
}

function close(server: Server, upgraded: Set<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
  });
}

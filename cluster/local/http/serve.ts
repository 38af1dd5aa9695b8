import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { Upgrade } from "./stand-in.ts";

export interface ServeOptions {
  /** 0 or absent: a free one. */
  port?: number | undefined;
  /** Addresses to listen on, the same port on each. Default: loopback only. */
  hosts?: string[] | undefined;
  upgrade?: Upgrade | undefined;
}

export interface Served {
  /** Of the first host, without a trailing slash. */
  url: string;
  port: number;
  /** Ends open connections too (streams, WebSockets), and resolves when the port is free again. */
  close(): Promise<void>;
}

/** Anything with a `fetch` like Hono's, whatever its environment type. */
type Servable = Pick<Hono, "fetch">;

const FREE_PORT_ATTEMPTS = 5;

/** Listens on every host or on none. @throws Error that names the address which could not be had, and why. */
export async function serve(app: Servable, options: ServeOptions = {}): Promise<Served> {
  const { port = 0, hosts = ["127.0.0.1"], upgrade } = options;
  const [first = "127.0.0.1", ...others] = hosts;
  for (let attempt = 1; ; attempt++) {
    const listener = await listen(app, first, port, upgrade);
    const listeners = [listener];
    const taken = portOf(listener);
    try {
      for (const host of others) listeners.push(await listen(app, host, taken, upgrade));
      return { url: `http://${bracketed(first)}:${taken}`, port: taken, close: () => closeAll(listeners) };
    } catch (error) {
      await closeAll(listeners);
      // A port that was free on the first address may be taken on another: only a chosen port is final.
      if (port !== 0 || attempt === FREE_PORT_ATTEMPTS) throw error;
    }
  }
}

interface Listener {
  server: Server;
  /** Node forgets a socket once it is upgraded, so closing must know them. */
  upgraded: Set<Duplex>;
}

async function listen(app: Servable, host: string, port: number, upgrade: Upgrade | undefined): Promise<Listener> {
  // The adaptor's faster Request and Response would replace the globals for everybody in this process.
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy());
    if (!upgrade?.(request, socket, head)) {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  return { server, upgraded };
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

async function closeAll(listeners: Listener[]): Promise<void> {
  await Promise.all(listeners.map(closeOne));
}

function closeOne({ server, upgraded }: Listener): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
  });
}

/** A server that listens on TCP has an address; Node's type also covers pipes. */
function portOf({ server }: Listener): number {
  return (server.address() as AddressInfo).port;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

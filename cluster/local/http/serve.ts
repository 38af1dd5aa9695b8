import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { bracketed, refusalOf } from "./refusal.ts";

export interface ServeOptions {
  /** Default: loopback. */
  host?: string | undefined;
  /** 0 or absent: a free one. */
  port?: number | undefined;
}

export interface Served {
  /** Without a trailing slash. */
  url: string;
  port: number;
  /** Ends open connections too, and resolves when the port is free again. */
  close(): Promise<void>;
}

/** Anything with a `fetch` like Hono's, whatever its environment type. */
type Servable = Pick<Hono, "fetch">;

/** Listens, and refuses what pages of other sites ask. @throws Error that names the address which could not be had, and why. */
export async function serve(app: Servable, { host = "127.0.0.1", port = 0 }: ServeOptions = {}): Promise<Served> {
  const server = createAdaptorServer({
    fetch: (request, env) => {
      const refusal = refusalOf((env as HttpBindings).incoming, host);
      return refusal ? new Response(`${refusal.reason}\n`, { status: refusal.status }) : app.fetch(request, env);
    },
    // The adaptor's faster Request and Response would replace the globals for everybody in this process.
    overrideGlobalObjects: false,
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${bracketed(host)}:${taken}`, port: taken, close: () => close(server) };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const address = `${bracketed(host)}:${port}`;
  const told =
    error.code === "EADDRINUSE"
      ? `${address} is in use: stop the program that listens there, or choose another port`
      : `can't listen on ${address}: ${error.message}`;
  return new Error(told, { cause: error });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

import type { Server } from "node:http";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { type Listening, listen } from "#cluster/system/listen.ts";
import { bracketed, refusalOf } from "./refusal.ts";

export interface ServeOptions {
  /** Default: loopback. */
  host?: string | undefined;
  /** 0 or absent: a free one. */
  port?: number | undefined;
}

export type Served = Listening;

/** Anything with a `fetch` like Hono's, whatever its environment type. */
type Servable = Pick<Hono, "fetch">;

/** Listens, and refuses requests from other sites' pages. @throws Error that names the address, and why it can't be used. */
export async function serve(app: Servable, { host = "127.0.0.1", port = 0 }: ServeOptions = {}): Promise<Served> {
  const server = createAdaptorServer({
    fetch: (request, env) => {
      const refusal = refusalOf((env as HttpBindings).incoming, host);
      return refusal ? new Response(`${refusal.reason}\n`, { status: refusal.status }) : app.fetch(request, env);
    },
    // The adaptor's faster Request and Response would replace the globals of the whole process.
    overrideGlobalObjects: false,
  }) as Server;
  const listening = await listen(server, port, host).catch((error: NodeJS.ErrnoException) => {
    throw listenError(error, host, port);
  });
  // By the name that it was asked to listen on, such as `localhost`.
  return { ...listening, url: `http://${bracketed(host)}:${listening.port}` };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const address = `${bracketed(host)}:${port}`;
  const told =
    error.code === "EADDRINUSE"
      ? `${address} is in use: stop the program that listens there, or choose another port`
      : `can't listen on ${address}: ${error.message}`;
  return new Error(told, { cause: error });
}

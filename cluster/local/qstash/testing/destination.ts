import { Hono } from "hono";
import { serve } from "../../http/serve.ts";

export interface Received {
  method: string;
  /** As it came over the wire, query included. */
  path: string;
  headers: Record<string, string>;
  body: string;
  bytes: Uint8Array;
}

export interface Destination {
  url: string;
  requests: Received[];
  /** What to answer; 200 "ok" unless it is set. */
  answer: (request: Received) => Response | Promise<Response>;
  close(): Promise<void>;
}

/** A server on loopback that keeps what is delivered to it. */
export async function startDestination(): Promise<Destination> {
  const app = new Hono();
  const requests: Received[] = [];
  app.all("*", async (context) => {
    const bytes = new Uint8Array(await context.req.arrayBuffer());
    const { pathname, search } = new URL(context.req.url);
    const request: Received = {
      method: context.req.method,
      path: pathname + search,
      headers: context.req.header(),
      body: new TextDecoder().decode(bytes),
      bytes,
    };
    requests.push(request);
    return destination.answer(request);
  });
  const served = await serve(app);
  const destination: Destination = {
    url: served.url,
    requests,
    answer: () => new Response("ok"),
    close: served.close,
  };
  return destination;
}

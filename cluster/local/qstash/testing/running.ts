import { Client } from "@upstash/qstash";
import { Hono } from "hono";
import { serve } from "../../http/serve.ts";
import { createQStash, type QStash, type QStashOptions } from "../qstash.ts";

export interface Running extends QStash {
  url: string;
  token: string;
  keys: { current: string; next: string };
  client: Client;
}

/** The stand-in behind a real server, mounted below a path as `npm start` does, with the SDK's client for it. */
export async function startQStash(options: Partial<QStashOptions> = {}): Promise<Running> {
  const token = crypto.randomUUID();
  const keys = { current: `sig_${crypto.randomUUID()}`, next: `sig_${crypto.randomUUID()}` };
  const qstash = createQStash({ token, currentSigningKey: keys.current, nextSigningKey: keys.next, ...options });
  const served = await serve(new Hono().route("/qstash", qstash.app));
  const url = `${served.url}/qstash`;
  return {
    ...qstash,
    url,
    token,
    keys,
    client: new Client({ baseUrl: url, token, devMode: false, retry: false, enableTelemetry: false }),
    async close() {
      await served.close();
      await qstash.close();
    },
  };
}

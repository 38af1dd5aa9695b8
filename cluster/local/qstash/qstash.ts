import { type Context, Hono } from "hono";
import * as z from "zod";
import type { StandIn } from "../http/stand-in.ts";
import { Deliveries } from "./deliveries.ts";
import type { Message } from "./message.ts";
import { MessageStore } from "./message-store.ts";
import { renderPage } from "./page.ts";
import { readMessage } from "./read-message.ts";

export interface QStashOptions {
  /** What clients must send as their bearer token. */
  token: string;
  currentSigningKey: string;
  nextSigningKey: string;
  /** A file that messages are kept in, so that a restart loses none. Absent: in memory. */
  storage?: string | undefined;
  /** Milliseconds since 1970. Timers are real. */
  now?: (() => number) | undefined;
}

export interface QStash extends StandIn {
  /** Waiting and recent messages, oldest first. */
  messages(): Message[];
  /** Resolves when everything that is due has been tried. */
  idle(): Promise<void>;
  faults: {
    /** The next `n` publishes are refused with 503; 0 ends that. */
    failPublishes(n: number): void;
  };
}

/** The stand-in for QStash: publishes, deliveries with retries and signatures, failure callbacks. */
export function createQStash(options: QStashOptions): QStash {
  const { now = Date.now } = options;
  const store = new MessageStore(options.storage, now());
  const deliveries = new Deliveries(store, options.currentSigningKey, now);
  let publishesToFail = 0;

  const publish = async (c: Context) => {
    if (publishesToFail > 0) {
      publishesToFail -= 1;
      return c.json({ error: "service unavailable" }, 503);
    }
    const message = readMessage(rawDestination(c), c.req.raw.headers, await c.req.text(), now());
    const known = store.findDuplicate(message);
    if (known) return c.json({ messageId: known.messageId, deduplicated: true }, 202);
    deliveries.accept(message);
    return c.json({ messageId: message.messageId });
  };

  const app = new Hono();
  app.use("/v2/*", async (c, next) => {
    if (c.req.header("authorization") === `Bearer ${options.token}`) return next();
    return c.json({ error: "unable to authenticate: invalid token" }, 401);
  });
  app.post("/v2/publish/*", publish);
  app.get("/v2/keys", (c) => c.json({ current: options.currentSigningKey, next: options.nextSigningKey }));
  app.all("/v2/*", (c) => c.json({ error: "not found" }, 404));
  app.get("/*", (c) => c.html(renderPage(store.all().reverse())));
  app.onError((error, c) => {
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400);
    return c.json({ error: "internal server error" }, 500);
  });

  return {
    app,
    messages: () => store.all(),
    idle: () => deliveries.idle(),
    faults: {
      failPublishes(n) {
        publishesToFail = n;
      },
    },
    close: () => deliveries.close(),
  };
}

/** A destination must not be decoded: the signature is made for it as it was sent. */
function rawDestination(c: Context): string {
  const marker = "/v2/publish/";
  return c.req.url.slice(c.req.url.indexOf(marker) + marker.length);
}

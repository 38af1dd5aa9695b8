/** The edge's routes in this process, over a database of the test's; what is outside of it answers on loopback. */
import { createHash } from "node:crypto";
import { Hono } from "hono";
import { serve } from "#cluster/local/http/serve.ts";
import type { TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import { app } from "../app.ts";
import { openDatabaseFront } from "./database-front.ts";
import { makeCtx, makeEnv } from "./make-ctx.ts";

const KEY = "oc_ops_test";

export type TestApp = Awaited<ReturnType<typeof openApp>>;

export async function openApp(standIn: TestNeon) {
  const front = await openDatabaseFront(`${standIn.url}/sql`);
  const outside = await serve(outsideWorld());
  const meter = { down: false, synced: 0 };
  const sync = async () => {
    if (meter.down) throw new Error("the meter is down");
    meter.synced += 1;
  };
  const neon = { connectionString: standIn.connectionString, url: front.url };
  const env = makeEnv(neon, {
    vars: variables(outside.url),
    meter: () => ({ sync }),
    mailbox: () => ({ admit: async () => true }),
  });
  const deferred: Promise<unknown>[] = [];
  const execution = {
    waitUntil: (work: Promise<unknown>) => deferred.push(work),
    passThroughOnException() {},
    props: {},
  };
  return {
    /** By the same way as the app's own. */
    db: makeCtx(neon).db,
    front,
    meter,
    request: async (path: string, init: RequestInit): Promise<Response> =>
      app.request(path, init, env, execution as never),
    /** As an operator with every scope; a body is sent as JSON. */
    send: async (path: string, { body, key }: { body?: unknown; key?: string } = {}): Promise<Response> => {
      const headers: Record<string, string> = { authorization: `Bearer ${KEY}` };
      if (body !== undefined) headers["content-type"] = "application/json";
      if (key !== undefined) headers["idempotency-key"] = key;
      const init = { method: "POST", headers, body: body === undefined ? null : JSON.stringify(body) };
      return app.request(path, init, env, execution as never);
    },
    close: async () => {
      await Promise.allSettled(deferred);
      await Promise.all([front.close(), outside.close()]);
    },
  };
}

/** Telegram knows every bot, and whatever else is asked is well. */
const outsideWorld = () =>
  new Hono()
    .post("/:bot{bot[0-9]+:.+}/getMe", (c) => {
      const id = Number.parseInt(c.req.param("bot").slice(3), 10);
      return c.json({ ok: true, result: { id, is_bot: true, username: `b${id}_bot` } });
    })
    .all("*", (c) => c.json({ messageId: "m" }));

const variables = (outside: string): Record<string, string> => ({
  UPSTASH_REDIS_REST_URL: outside,
  QSTASH_URL: outside,
  TELEGRAM_API_ROOT: outside,
  BACKUP_S3_URL: outside,
  BACKUP_S3_BUCKET: "backups",
  BACKUP_S3_ACCESS_KEY_ID: "unused",
  BACKUP_S3_SECRET_ACCESS_KEY: "unused",
  INTERNAL_KEYS: JSON.stringify([
    { name: "ops", sha256: createHash("sha256").update(KEY).digest("hex"), scopes: OPERATOR_SCOPES },
  ]),
});

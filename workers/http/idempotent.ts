import { createMiddleware } from "hono/factory";
import { AppError } from "#schema/domain/errors.ts";
import { actorName } from "../context.ts";
import { beginKeyed, forgetKey, type Keyed, keepAnswer } from "../services/idempotency/keep.ts";
import type { AppEnv } from "./app-env.ts";

/** How long a second request with the same key waits for the first one's answer. */
const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * Honours `Idempotency-Key`: the same request gets the first one's answer, another request with the key is a 409. Only
 * success is kept; what failed changed nothing and may be tried again. `kept` is what of the answer is kept: a secret in
 * it is told once and never stored.
 */
export const idempotent = (kept: (answer: unknown) => unknown = (answer) => answer) =>
  createMiddleware<AppEnv>(async function idempotent(c, next) {
    const key = c.req.header("idempotency-key");
    if (key === undefined) return next();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw badKey();
    const { ctx } = c.var;
    const requestHash = await hashOf(`${c.req.method}\n${c.req.path}\n${await c.req.text()}`);
    const keyed: Keyed = { owner: actorName(ctx.actor), key, requestHash };
    const begun = await waitFor(() => beginKeyed(ctx, keyed));
    if (begun.kind === "other request")
      throw new AppError("conflict", "This Idempotency-Key was used for another request");
    if (begun.kind === "in flight")
      throw new AppError("conflict", "The first request is still under way", { retryAfter: 5 });
    if (begun.kind === "replay") {
      const headers = { "content-type": "application/json", "idempotent-replayed": "true" };
      return new Response(JSON.stringify(begun.body), { status: begun.status, headers });
    }
    await next();
    if (c.res.ok) await keepAnswer(ctx, keyed, c.res.status, kept(await c.res.clone().json()));
    else await forgetKey(ctx, keyed);
  });

async function waitFor(begin: () => ReturnType<typeof beginKeyed>): ReturnType<typeof beginKeyed> {
  for (const until = Date.now() + WAIT_MS; ; await pause(LOOK_EVERY_MS)) {
    const begun = await begin();
    if (begun.kind !== "in flight" || Date.now() > until) return begun;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const badKey = (): AppError =>
  new AppError("invalid_request", "An Idempotency-Key has 1 to 255 visible ASCII characters");

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

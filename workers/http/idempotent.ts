import { createMiddleware } from "hono/factory";
import { sha256Hex } from "#schema/domain/bytes.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../context.ts";
import { actorName } from "../contracts/actor.ts";
import type { Keyed } from "../contracts/keyed.ts";
import { type Answer, findKeyed, keepAnswer } from "../services/idempotency/answers.ts";
import type { AppEnv } from "./app-env.ts";
import { timely } from "./timely.ts";

const LONGEST = 255;
/** The first answer's headers that a repeated answer has. */
const KEPT_HEADERS = ["location"];

/**
 * Honours `Idempotency-Key`: a repeated request gets the first one's answer, another request with the key gets a 409. A
 * failed request changed nothing and may be repeated. The operation's verb has its effect under `once`, which stores the
 * key in the statement of the effect. An answer that is `no-store` is not stored: the verb reads it again.
 */
export const idempotent = () =>
  createMiddleware<AppEnv>(async function idempotent(c, next) {
    const key = c.req.header("idempotency-key");
    if (key === undefined) return next();
    if (key.length > LONGEST || !/^[\x21-\x7e]+$/.test(key)) throw badKey();
    const { ctx } = c.var;
    const requestHash = await sha256Hex(`${c.req.method}\n${c.req.path}\n${await timely(c.req.text())}`);
    const keyed: Keyed = { owner: actorName(ctx.actor), key, requestHash, isDone: false };
    const known = await findKeyed(ctx, keyed);
    if (known?.answer) return toResponse(known.answer, { replayed: true });
    keyed.isDone = known !== undefined;
    ctx.keyed = keyed;
    await next();
    if (!c.res.ok) return;
    if (c.res.headers.get("cache-control") !== "no-store") {
      const answer = await keepOrOwn(ctx, keyed, await answerOf(c.res));
      c.res = toResponse(answer, { replayed: keyed.isDone });
    } else if (keyed.isDone) c.res.headers.set("idempotent-replayed", "true");
  });

/** Sends the answer even if it can't be stored; a repeated request rebuilds it from the effect. */
async function keepOrOwn(ctx: Ctx, keyed: Keyed, answer: Answer): Promise<Answer> {
  const kept = await keepAnswer(ctx, keyed, answer).catch((error: unknown) => {
    ctx.log.error(error);
    return answer;
  });
  if (!kept) throw new Error("The operation honours Idempotency-Key, but its verb did not take the key");
  return kept;
}

async function answerOf(response: Response): Promise<Answer> {
  const headers = KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { status: response.status, headers: Object.fromEntries(headers), body: await response.clone().json() };
}

function toResponse({ status, headers, body }: Answer, { replayed }: { replayed: boolean }): Response {
  const more: Record<string, string> = replayed ? { "idempotent-replayed": "true" } : {};
  return Response.json(body, { status, headers: { ...headers, ...more } });
}

const badKey = (): AppError =>
  new AppError("invalid_request", `An Idempotency-Key must have 1 to ${LONGEST} visible ASCII characters`);

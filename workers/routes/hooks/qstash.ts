/** QStash's deliveries. Each is verified before its body is parsed. */
import { type Context, Hono } from "hono";
import * as z from "zod";
import { AppError } from "#schema/domain/errors.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { bodyLimit } from "../../http/guards.ts";
import { timely } from "../../http/timely.ts";
import { FAILED_HOOK, JOBS_HOOK } from "../../integrations/qstash.ts";
import { verifyDelivery } from "../../integrations/qstash-signature.ts";
import { offerJob } from "../../services/jobs/offer.ts";
import { isReplay, rememberDelivery } from "../../services/jobs/seen-delivery.ts";

const MAX_BODY = 64 * 1024;
const RETRY_AFTER_S = 5;

const Wake = z.strictObject({ job_id: z.uuid(), box_id: z.uuid(), cluster_id: z.string() });
/** QStash's report of a message that it gave up; the message itself is in base64. */
const GivenUp = z.object({ sourceBody: z.string(), dlqId: z.string().optional() });

export const qstashRoutes = new Hono<AppEnv>();
qstashRoutes.use("/hooks/*", bodyLimit(MAX_BODY));

qstashRoutes.post(JOBS_HOOK, async (c) => {
  const { ctx } = c.var;
  const { body, jti } = await verified(c, JOBS_HOOK);
  if (await isReplay(ctx, jti)) return done(c, "replayed");
  const wake = Wake.safeParse(parseJson(body));
  if (!wake.success) return poison(c, "malformed");
  return offer(c, wake.data.job_id, jti);
});

/** The job's row is still queued, so nothing is lost: offer it once more. */
qstashRoutes.post(FAILED_HOOK, async (c) => {
  const { body, jti } = await verified(c, FAILED_HOOK);
  const givenUp = GivenUp.safeParse(parseJson(body));
  const wake = givenUp.success ? Wake.safeParse(parseJson(fromBase64(givenUp.data.sourceBody))) : undefined;
  if (!wake?.success) return done(c, "given up: malformed");
  return offer(c, wake.data.job_id, jti);
});

async function verified(c: Context<AppEnv>, path: string): Promise<{ body: string; jti: string }> {
  const { ctx } = c.var;
  const bytes = new Uint8Array(await timely(c.req.arrayBuffer()));
  const delivery = { signature: c.req.header("upstash-signature"), body: bytes, url: ctx.config.PUBLIC_URL + path };
  const jti = await verifyDelivery(ctx.config, delivery, ctx.now());
  if (jti === undefined) throw new AppError("unauthorized", "The signature is not valid for this address and body");
  ctx.actor = { kind: "webhook", vendor: "qstash" };
  return { body: new TextDecoder().decode(bytes), jti };
}

/** Answers QStash as soon as the mailbox has the offer, not when the job is done. */
async function offer(c: Context<AppEnv>, jobId: string, jti: string): Promise<Response> {
  const { ctx } = c.var;
  const outcome = await offerJob({ ctx, input: { jobId } }).catch((cause: unknown) => {
    throw new AppError("upstream_unavailable", "The job can't be accepted now", { retryAfter: RETRY_AFTER_S, cause });
  });
  if (outcome === "unknown") return poison(c, "unknown job");
  rememberDelivery(ctx, jti);
  return done(c, outcome);
}

function done(c: Context<AppEnv>, outcome: string): Response {
  c.var.ctx.log.set({ outcome });
  return c.json({ outcome });
}

/** Retries are useless: QStash moves the message to its dead-letter queue at once. */
function poison(c: Context<AppEnv>, reason: string): Response {
  c.var.ctx.log.set({ outcome: "poison", reason });
  const headers = { "content-type": "application/json", "upstash-nonretryable-error": "true" };
  return new Response(JSON.stringify({ outcome: "refused", reason }), { status: 489, headers });
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

import { type Context, Hono } from "hono";
import type { Idempotency } from "./idempotency.ts";
import { invalid, MailError, notFound } from "./mail-error.ts";
import type { Mailbox } from "./mailbox.ts";
import { readDraft } from "./read-draft.ts";

const MAX_BATCH = 100;

/** Resend's `/emails`. Source: https://resend.com/docs/api-reference/emails/send-email and its neighbours. */
export function emailsApi(mailbox: Mailbox, idempotency: Idempotency, apiKey: string): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const [scheme, key] = (c.req.header("authorization") ?? "").split(" ");
    if (scheme !== "Bearer" || !key) {
      throw new MailError(401, "missing_api_key", "Missing API key in the authorization header.");
    }
    if (key !== apiKey) throw new MailError(403, "invalid_api_key", "API key is invalid.");
    await next();
  });
  app.post("/", async (c) => {
    const body = await readJson(c);
    const send = () => ({ id: mailbox.add(readDraft(body)).id });
    return c.json(idempotency.once(keyOf(c), JSON.stringify(["one", body]), send));
  });
  app.post("/batch", async (c) => {
    const body = await readJson(c);
    const send = () => ({ data: readBatch(body).map((draft) => ({ id: mailbox.add(draft).id })) });
    return c.json(idempotency.once(keyOf(c), JSON.stringify(["batch", body]), send));
  });
  app.get("/:id", (c) => {
    const message = mailbox.find(c.req.param("id"));
    if (!message) throw notFound("Email not found");
    return c.json({ object: "email", ...message, last_event: message.scheduled_at ? "scheduled" : "delivered" });
  });
  return app;
}

function keyOf(c: Context): string | undefined {
  return c.req.header("idempotency-key");
}

async function readJson(c: Context): Promise<unknown> {
  return c.req.json().catch(() => {
    throw invalid("The request body is not valid JSON.");
  });
}

/** All of them are read before the first is sent: one mistake, and none is. */
function readBatch(body: unknown) {
  if (!Array.isArray(body) || body.length === 0) throw invalid("The request body must be an array of emails.");
  if (body.length > MAX_BATCH) throw invalid(`A batch may have ${MAX_BATCH} emails at most.`);
  const drafts = body.map(readDraft);
  if (drafts.some((draft) => draft.attachments.length > 0 || draft.scheduled_at)) {
    throw invalid("`attachments` and `scheduled_at` are not supported in a batch.");
  }
  return drafts;
}

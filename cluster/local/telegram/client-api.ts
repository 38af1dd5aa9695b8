import { Hono, type Context as HonoContext } from "hono";
import { streamSSE } from "hono/streaming";
import * as z from "zod";
import { ApiError } from "./api-error.ts";
import { chatList, openedChat } from "./client-view.ts";
import { type Context, requireBot } from "./context.ts";
import type { FeedEvent } from "./feed.ts";
import { fileBytes, type Upload } from "./file-store.ts";
import { createPerson } from "./people.ts";
import { agreeToManagedBot, pressButton, sendAsUser, setBlocked } from "./person.ts";

const Send = z.object({ user: z.int(), bot: z.string(), text: z.string(), reply_to: z.int().optional() });
const PressBody = z.object({ user: z.int(), bot: z.string(), message_id: z.int(), data: z.string() });
const NewUser = z.object({ first_name: z.string() });
const NewManaged = z.object({
  user: z.int(),
  manager: z.string(),
  username: z.string(),
  name: z.string(),
  request_id: z.int().optional(),
});
const Block = z.object({ user: z.int(), bot: z.string(), blocked: z.boolean() });

/** What the chat page talks to. Not Telegram's protocol: people use an app, and this is the app's. */
export function clientApi(ctx: Context): Hono {
  const app = new Hono();
  // Another site that is open in the same browser must not chat in the user's name.
  app.use(async (c, next) => {
    const site = c.req.header("sec-fetch-site");
    if (site === "cross-site" || site === "same-site") return c.json({ error: "Open the page itself." }, 403);
    return next();
  });
  app.onError((error, c) => c.json({ error: error.message }, error instanceof ApiError ? 400 : 422));

  app.get("/chats", (c) => c.json(chatList(ctx, userOf(c))));
  app.get("/chats/:bot", (c) => c.json(openedChat(ctx, userOf(c), requireBot(ctx, c.req.param("bot")))));
  app.get("/events", (c) => events(ctx, c));
  app.get("/files/:id", (c) => file(ctx, c.req.param("id")));
  app.post("/messages", async (c) => {
    const { user, reply_to, ...rest } = Send.parse(await c.req.json());
    return c.json(sendAsUser(ctx, { ...rest, userId: user, ...(reply_to !== undefined && { replyTo: reply_to }) }));
  });
  app.post("/uploads", async (c) => c.json(sendAsUser(ctx, await readUpload(c))));
  app.post("/press", async (c) => {
    const { user, bot, message_id, data } = PressBody.parse(await c.req.json());
    return c.json({ id: pressButton(ctx, { userId: user, bot, messageId: message_id, data }) });
  });
  app.post("/users", async (c) => c.json(createPerson(ctx, NewUser.parse(await c.req.json()))));
  app.post("/managed-bots", async (c) => {
    const { user, request_id, ...wish } = NewManaged.parse(await c.req.json());
    const request = request_id === undefined ? {} : { requestId: request_id };
    const { username } = agreeToManagedBot(ctx, { ...wish, userId: user, ...request });
    return c.json({ username });
  });
  app.post("/block", async (c) => {
    const { user, bot, blocked } = Block.parse(await c.req.json());
    setBlocked(ctx, user, bot, blocked);
    return c.json({});
  });
  return app;
}

const userOf = (c: HonoContext): number => Number(c.req.query("user"));

async function readUpload(c: HonoContext) {
  const form = await c.req.raw.formData();
  const file = form.get("file");
  if (!(file instanceof File)) throw new Error("Choose a file.");
  const mimeType = file.type || "application/octet-stream";
  const upload: Upload = { bytes: await file.bytes(), name: file.name, mimeType };
  const media = mimeType.startsWith("image/") ? { photo: upload } : { document: upload };
  const said = { userId: Number(form.get("user")), bot: String(form.get("bot")), text: String(form.get("text") ?? "") };
  return { ...said, ...media };
}

/** A stream that never ends: the page opens it again when it does. */
function events(ctx: Context, c: HonoContext): Response {
  const userId = userOf(c);
  return streamSSE(c, async (stream) => {
    const write = (event: FeedEvent) => void stream.writeSSE({ data: JSON.stringify(event) });
    const stop = ctx.feed.subscribe((user, event) => user === userId && write(event));
    const alive = setInterval(() => void stream.write(": alive\n\n"), 15_000);
    write({ type: "chats" });
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    clearInterval(alive);
    stop();
  });
}

/** Only what a browser shows as a picture is told as one; the rest is for saving. */
const SHOWN: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

function file(ctx: Context, id: string): Response {
  const bytes = fileBytes(ctx, id);
  if (!bytes) throw new Error("This file is not here.");
  const picture = SHOWN[id.split("-").at(-1) ?? ""];
  const headers = {
    "content-type": picture ?? "application/octet-stream",
    "content-disposition": picture ? "inline" : "attachment",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  };
  return new Response(new Uint8Array(bytes), { headers });
}

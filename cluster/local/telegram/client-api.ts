import type { Message } from "grammy/types";
import { Hono, type Context as HonoContext } from "hono";
import { streamSSE } from "hono/streaming";
import * as z from "zod";
import { type Context, chatOf, openChat, requirePerson, type ScreenEvent } from "./context.ts";
import { fileBytes } from "./files.ts";
import { createPerson, pressButton, sendAsUser, type UserSays } from "./person.ts";
import type { BotRecord } from "./world.ts";

const Send = z.object({ user: z.int(), bot: z.string(), text: z.string() });
const Press = z.object({ user: z.int(), bot: z.string(), message_id: z.int(), data: z.string() });
const NewUser = z.object({ first_name: z.string() });

/** What the chat page talks to. Not Telegram's protocol: people use an app, and this is the app's. */
export function clientApi(ctx: Context): Hono {
  const app = new Hono();
  app.onError((error, c) => c.json({ error: error.message }, 422));

  app.get("/chats", (c) => c.json(chatList(ctx, userOf(c))));
  app.get("/chats/:bot", (c) => c.json(openedChat(ctx, userOf(c), c.req.param("bot"))));
  app.get("/events", (c) => events(ctx, c));
  app.get("/files/:id", (c) => file(ctx, c.req.param("id")));
  app.post("/messages", async (c) => {
    const { user, ...says } = Send.parse(await c.req.json());
    return c.json(sendAsUser(ctx, { userId: user, ...says }));
  });
  app.post("/uploads", async (c) => c.json(sendAsUser(ctx, await readUpload(c))));
  app.post("/press", async (c) => {
    const { user, bot, message_id, data } = Press.parse(await c.req.json());
    return c.json({ id: pressButton(ctx, { userId: user, bot, messageId: message_id, data }) });
  });
  app.post("/users", async (c) => c.json(createPerson(ctx, NewUser.parse(await c.req.json()).first_name)));
  return app;
}

const userOf = (c: HonoContext): number => Number(c.req.query("user"));

/** The left side of the page: who chats, and with whom. */
function chatList(ctx: Context, userId: number) {
  const me = requirePerson(ctx, userId);
  const { users, bots } = ctx.storage.world;
  const chats = bots.map((bot) => {
    const last = chatOf(ctx, bot, me).dialog.messages.at(-1);
    return { ...face(bot), last: last && { text: preview(last), date: last.date, mine: last.from?.id === userId } };
  });
  return { me, users, chats: chats.sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0)) };
}

/** The right side. */
function openedChat(ctx: Context, userId: number, username: string) {
  const { bot, dialog } = openChat(ctx, userId, username);
  const { messages, started } = dialog;
  return { bot: face(bot), messages, started, commands: bot.commands["default/"] ?? [] };
}

const face = ({ id, username, name }: BotRecord) => ({ id, username, name });

const preview = ({ text, caption, photo, document }: Message): string =>
  (text ?? caption ?? (photo ? "Photo" : (document?.file_name ?? "File"))).slice(0, 120);

async function readUpload(c: HonoContext): Promise<UserSays> {
  const form = await c.req.raw.formData();
  const given = form.get("file");
  if (!(given instanceof File)) throw new Error("Choose a file.");
  const upload = { bytes: await given.bytes(), name: given.name, mimeType: given.type || "application/octet-stream" };
  const [bot, text] = [String(form.get("bot")), String(form.get("text"))];
  return { userId: Number(form.get("user")), bot, text, file: upload };
}

/** A stream that never ends: the page opens it again when it does. */
function events(ctx: Context, c: HonoContext): Response {
  const userId = userOf(c);
  return streamSSE(c, async (stream) => {
    const write = (to: number, event: ScreenEvent) => {
      if (to === userId) void stream.writeSSE({ data: JSON.stringify(event) });
    };
    ctx.screens.on("show", write);
    write(userId, { type: "chats" });
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    ctx.screens.off("show", write);
  });
}

/** Images that a browser can show are sent as such; the rest are downloads. */
function file(ctx: Context, id: string): Response {
  const bytes = fileBytes(ctx, id);
  if (!bytes) throw new Error("This file is not here.");
  const picture = /-(png|jpe?g|gif|webp)$/.exec(id)?.[1]?.replace("jpg", "jpeg");
  const headers = {
    "content-type": picture ? `image/${picture}` : "application/octet-stream",
    "content-disposition": picture ? "inline" : "attachment",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  };
  return new Response(new Uint8Array(bytes), { headers });
}

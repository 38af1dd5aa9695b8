import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { post, writableChat } from "../chats.ts";
import { fileBytes, type MediaKind, mediaContent, type Upload } from "../files.ts";
import { type Call, chatId, type Methods, method } from "../params.ts";
import { Caption, captionContent, keyboardContent, replyContent, Sending, Text, textContent } from "./content.ts";

const sendMedia = (kind: MediaKind) =>
  method(Sending.extend(Caption.shape), async (call, params) => {
    const { ctx, bot } = call;
    const chat = writableChat(ctx, bot, params.chat_id);
    const caption = captionContent(params);
    const media = mediaContent(ctx, kind, await readUpload(call, kind));
    const content = { ...media, ...caption, ...replyContent(chat.dialog, params), ...keyboardContent(params) };
    return post(ctx, chat, "bot", content);
  });

/** An uploaded part, `attach://<part>`, or the id of a file that is known. Nothing is fetched from elsewhere. */
async function readUpload({ ctx, params }: Call, kind: MediaKind): Promise<Upload> {
  const given = String(params[kind] ?? "");
  const file = params[given.replace(/^attach:\/\//, "")] ?? params[kind];
  const unknownType = "application/octet-stream";
  if (file instanceof File) return { bytes: await file.bytes(), name: file.name, mimeType: file.type || unknownType };
  const bytes = fileBytes(ctx, given);
  if (!bytes) throw badRequest("wrong remote file identifier specified: Wrong string length");
  return { bytes, name: given.replace(/-(\w+)$/, ".$1"), mimeType: unknownType };
}

export const messageMethods: Methods = {
  sendMessage: method(Sending.extend(Text.shape), ({ ctx, bot }, params) => {
    const chat = writableChat(ctx, bot, params.chat_id);
    const content = { ...textContent(params), ...replyContent(chat.dialog, params), ...keyboardContent(params) };
    return post(ctx, chat, "bot", content);
  }),

  sendChatAction: method(z.object({ chat_id: chatId, action: z.string() }), ({ ctx, bot }, { chat_id, action }) => {
    const { person } = writableChat(ctx, bot, chat_id);
    ctx.screens.emit("show", person.id, { type: "typing", bot: bot.username, action });
    return true;
  }),

  sendPhoto: sendMedia("photo"),
  sendDocument: sendMedia("document"),
  sendAudio: sendMedia("audio"),
  sendVoice: sendMedia("voice"),
  sendVideo: sendMedia("video"),
  sendAnimation: sendMedia("animation"),
};

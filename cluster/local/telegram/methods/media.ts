import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { writableChat } from "../chat.ts";
import { describeFile, fileBytes, type MediaKind, type Upload } from "../file-store.ts";
import { mediaContent } from "../media.ts";
import { asText, take } from "../params.ts";
import type { Call, Method, Methods } from "./call.ts";
import { Caption, captionContent } from "./caption.ts";
import { sendAsBot } from "./messages.ts";
import { readSending, Sending } from "./reply.ts";

const send =
  (kind: MediaKind): Method =>
  async (call) => {
    const params = take(Sending.extend(Caption.shape), call.params);
    const chat = writableChat(call.ctx, call.bot, params.chat_id);
    const caption = captionContent(params);
    const media = mediaContent(call.ctx, kind, await readUpload(call, kind));
    const { content, markup } = readSending(chat.dialog, params);
    return sendAsBot(call, chat, { ...media, ...caption, ...content }, markup);
  };

export const mediaMethods: Methods = {
  sendPhoto: send("photo"),
  sendDocument: send("document"),
  sendAudio: send("audio"),
  sendVoice: send("voice"),
  sendVideo: send("video"),
  sendAnimation: send("animation"),
  getFile({ ctx, params }) {
    return describeFile(ctx, take(z.object({ file_id: asText }), params).file_id);
  },
};

/** An uploaded part, `attach://<part>`, or the id of a file that is known. Nothing is fetched from elsewhere. */
async function readUpload({ ctx, params }: Call, kind: MediaKind): Promise<Upload> {
  const given = params.values[kind];
  const attached = typeof given === "string" ? /^attach:\/\/(.+)$/.exec(given)?.[1] : undefined;
  const file = params.files.get(attached ?? kind);
  if (file) return { bytes: await file.bytes(), name: file.name, mimeType: file.type || "application/octet-stream" };
  if (typeof given !== "string" || given === "") throw badRequest(`there is no ${kind} in the request`);
  const bytes = fileBytes(ctx, given);
  if (!bytes) throw badRequest("wrong remote file identifier specified: Wrong string length");
  const { file_path = "" } = describeFile(ctx, given);
  return { bytes, name: file_path.split("/").at(-1) ?? kind, mimeType: "application/octet-stream" };
}

import { createHash } from "node:crypto";
import type { File as TelegramFile } from "grammy/types";
import { badRequest } from "./api-error.ts";
import type { Content } from "./chats.ts";
import type { Context } from "./context.ts";

export interface Upload {
  bytes: Uint8Array;
  name: string;
  mimeType: string;
}

/** A kind's other fields: sizes and durations are not measured. */
const KINDS = {
  photo: { width: 800, height: 600 },
  document: {},
  audio: { duration: 0 },
  voice: { duration: 0 },
  video: { width: 0, height: 0, duration: 0 },
  animation: { width: 0, height: 0, duration: 0 },
};
export type MediaKind = keyof typeof KINDS;

/** Keeps the file. Returns the part of a message that holds it. */
export function mediaContent({ storage }: Context, kind: MediaKind, { bytes, name, mimeType }: Upload): Content {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  storage.saveFile(hash, bytes);
  const extension = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? "bin";
  const file_id = `${kind}-${hash}-${extension}`;
  const file = { file_id, file_unique_id: hash.slice(0, 16), file_size: bytes.byteLength, ...KINDS[kind] };
  // A recording has no name.
  const named = { ...file, ...(kind !== "voice" && { file_name: name }), mime_type: mimeType };
  return { [kind]: kind === "photo" ? [file] : named };
}

/** A file's id and its path both carry its hash: nothing else has to be kept. */
const KEY = /^(\w+)[-/]([0-9a-f]{32})[-.]([a-z0-9]{1,8})$/;

/** @param key a file's id, or the path that `describeFile` gave out */
export function fileBytes({ storage }: Context, key: string): Uint8Array | undefined {
  const hash = KEY.exec(key)?.[2];
  return hash === undefined ? undefined : storage.loadFile(hash);
}

/** @throws ApiError 400 */
export function describeFile(ctx: Context, file_id: string): TelegramFile {
  const [, kind, hash = "", extension] = KEY.exec(file_id) ?? [];
  const bytes = fileBytes(ctx, file_id);
  if (!bytes) throw badRequest("wrong file_id or the file is temporarily unavailable");
  const file_unique_id = hash.slice(0, 16);
  return { file_id, file_unique_id, file_size: bytes.byteLength, file_path: `${kind}s/${hash}.${extension}` };
}

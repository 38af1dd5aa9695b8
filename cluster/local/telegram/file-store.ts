import { createHash } from "node:crypto";
import type { File as TelegramFile } from "grammy/types";
import { badRequest } from "./api-error.ts";
import type { Context } from "./context.ts";
import { imageSize } from "./image-size.ts";

export type MediaKind = "photo" | "document" | "audio" | "voice" | "video" | "animation";

export interface Upload {
  bytes: Uint8Array;
  name: string;
  mimeType: string;
}

export interface StoredFile {
  file_id: string;
  file_unique_id: string;
  file_size: number;
}

/** A file's id carries all that must be known of it: nothing else has to be kept. */
interface FileKey {
  kind: MediaKind;
  hash: string;
  extension: string;
}

const FOLDERS: Record<MediaKind, string> = {
  photo: "photos",
  document: "documents",
  audio: "music",
  voice: "voice",
  video: "videos",
  animation: "animations",
};

export function storeFile({ storage }: Context, kind: MediaKind, { bytes, name }: Upload): StoredFile {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  storage.saveFile(hash, bytes);
  const extension = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? (kind === "photo" ? "jpg" : "bin");
  return { file_id: `${kind}-${hash}-${extension}`, file_unique_id: hash.slice(0, 16), file_size: bytes.byteLength };
}

export function photoSize(file: StoredFile, bytes: Uint8Array) {
  return { ...file, ...(imageSize(bytes) ?? { width: 800, height: 600 }) };
}

function readKey(fileId: string): FileKey | undefined {
  const [, kind, hash = "", extension = ""] = /^(\w+)-([0-9a-f]{32})-([a-z0-9]{1,8})$/.exec(fileId) ?? [];
  return kind !== undefined && kind in FOLDERS ? { kind: kind as MediaKind, hash, extension } : undefined;
}

/** A bot can't fetch more than this (core.telegram.org/bots/api#getfile). */
const LARGEST_DOWNLOAD = 20 * 1024 * 1024;

/** @throws ApiError 400 */
export function describeFile(ctx: Context, fileId: string): TelegramFile {
  const key = readKey(fileId);
  const bytes = key && ctx.storage.loadFile(key.hash);
  if (!key || !bytes) throw badRequest("wrong file_id or the file is temporarily unavailable");
  if (bytes.byteLength > LARGEST_DOWNLOAD) throw badRequest("file is too big");
  return {
    file_id: fileId,
    file_unique_id: key.hash.slice(0, 16),
    file_size: bytes.byteLength,
    file_path: `${FOLDERS[key.kind]}/${key.hash}.${key.extension}`,
  };
}

export function fileBytes({ storage }: Context, fileId: string): Uint8Array | undefined {
  const key = readKey(fileId);
  return key && storage.loadFile(key.hash);
}

/** Of a path that `describeFile` gave out. */
export function bytesAt({ storage }: Context, path: string): Uint8Array | undefined {
  const hash = /^\w+\/([0-9a-f]{32})\.[a-z0-9]{1,8}$/.exec(path)?.[1];
  return hash === undefined ? undefined : storage.loadFile(hash);
}

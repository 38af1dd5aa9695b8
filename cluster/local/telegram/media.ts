import type { Content } from "./chat.ts";
import type { Context } from "./context.ts";
import { type MediaKind, photoSize, type StoredFile, storeFile, type Upload } from "./file-store.ts";

/** The part of a message that holds a file. */
export function mediaContent(ctx: Context, kind: MediaKind, upload: Upload): Content {
  return describe(kind, storeFile(ctx, kind, upload), upload);
}

function describe(kind: MediaKind, file: StoredFile, { bytes, name, mimeType }: Upload): Content {
  const named = { ...file, file_name: name, mime_type: mimeType };
  switch (kind) {
    case "photo":
      return { photo: [photoSize(file, bytes)] };
    case "document":
      return { document: named };
    case "audio":
      return { audio: { ...named, duration: 0 } };
    case "voice":
      return { voice: { ...file, mime_type: mimeType, duration: 0 } };
    case "video":
      return { video: { ...named, width: 0, height: 0, duration: 0 } };
    case "animation":
      return { animation: { ...named, width: 0, height: 0, duration: 0 }, document: named };
    default:
      return kind satisfies never;
  }
}

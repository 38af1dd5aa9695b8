/** Where a list goes on: opaque to the caller. */
import { utf8 } from "#schema/domain/bytes.ts";
import { AppError } from "#schema/domain/errors.ts";
import { decodeBase64Url, encodeBase64Url } from "../base64.ts";

export const PAGE_SIZE = 50;

export const encodeCursor = (parts: readonly string[]): string => encodeBase64Url(utf8(parts.join("|")));

/** Ours are far shorter. */
const LONGEST = 400;

/** The parts, if each has its form. Throws `invalid_request`. */
export function decodeCursor(cursor: string, forms: readonly RegExp[]): string[] {
  const bytes = cursor.length > LONGEST ? undefined : decodeBase64Url(cursor);
  const parts = bytes ? new TextDecoder().decode(bytes).split("|") : [];
  if (parts.length !== forms.length || !forms.every((form, i) => form.test(parts[i] ?? ""))) {
    throw new AppError("invalid_request", "The cursor is not one that a list gave", {
      fields: [{ pointer: "/cursor", detail: "take next_cursor of the page before" }],
    });
  }
  return parts;
}

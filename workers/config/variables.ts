/** Parsers of the Worker's variables. */
import * as z from "zod";
import { text } from "#schema/contracts/parts.ts";
import { withoutSlash } from "#schema/domain/urls.ts";

export const filled = z.string().min(1);

export const address = text(2_048).check(z.url());
export const url = address.transform(withoutSlash);

/** 32 bytes in base64: `openssl rand -base64 32`. */
export const key = text(64).transform((base64, issue) => {
  const bytes = decodeBase64(base64);
  if (bytes?.length === 32) return bytes;
  issue.addIssue({ code: "custom", message: "must be 32 bytes in base64" });
  return z.NEVER;
});

/** JSON in a variable; `what` names the expected kind. */
export const json = (what: string) =>
  text(64 * 1024).transform((source, issue) => {
    try {
      return JSON.parse(source) as unknown;
    } catch {
      issue.addIssue({ code: "custom", message: `must be ${what}` });
      return z.NEVER;
    }
  });

function decodeBase64(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

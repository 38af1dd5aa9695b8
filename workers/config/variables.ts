/** Forms that a Worker's variables have. Lengths are checked before anything else looks at the text. */
import * as z from "zod";

export const text = z.string().min(1);

export const url = z.url().transform((address) => address.replace(/\/+$/, ""));

/** 32 bytes in base64: `openssl rand -base64 32`. */
export const key = z.string().transform((base64, issue) => {
  const bytes = decodeBase64(base64);
  if (bytes?.length === 32) return bytes;
  issue.addIssue({ code: "custom", message: "must be 32 bytes in base64" });
  return z.NEVER;
});

/** JSON in a variable; `what` says which kind. */
export const json = (what: string) =>
  z.string().transform((source, issue) => {
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

import { base64url } from "jose";

/** Without padding (RFC 4648 §5). */
export const encodeBase64Url = (bytes: Uint8Array): string => base64url.encode(bytes);

/** The bytes, or undefined where the text is not in the canonical base64url form: one record, one spelling. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = new Uint8Array(base64url.decode(text));
    return encodeBase64Url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

import { toBase62 } from "#schema/domain/base62.ts";

/** A random id with QStash's prefixes, such as `msg_…`, `scd_…`, `jwt_…`, `sig_…`. */
export function newId(prefix: "msg" | "scd" | "jwt" | "sig"): string {
  return `${prefix}_${toBase62(crypto.getRandomValues(new Uint8Array(20)))}`;
}

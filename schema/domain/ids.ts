/** Ids are random UUIDs: unguessable, and safe as part of a Kubernetes name. */
import { hex, sha256, utf8 } from "./bytes.ts";

export const newId = (): string => crypto.randomUUID();

/** The same id for the same texts: a UUID of version 8 (RFC 9562) from their SHA-256. Never used for a box. */
export async function derivedId(...texts: string[]): Promise<string> {
  const bytes = (await sha256(utf8(JSON.stringify(texts)))).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return toUuid(bytes);
}

/** 16 bytes as a UUID is written. */
export const toUuid = (bytes: Uint8Array): string =>
  hex(bytes).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");

/** A box's namespace. One per box life, never reused; only our own ids reach a Kubernetes name. */
export const namespaceOf = (boxId: string): string => `customer-${boxId}`;

const NAMESPACE = /^customer-([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

/** The box a namespace belongs to, or undefined if it is not one of ours. */
export const boxIdOf = (namespace: string): string | undefined => NAMESPACE.exec(namespace)?.[1];

/**
 * Customers' secrets at rest: envelope encryption with AES-256-GCM (NIST SP 800-38D).
 *
 * A record is `v1.<kek id>.<wrapped dek>.<iv>.<ciphertext and tag>`: each write has a new 256-bit data key, wrapped by
 * the key-encryption key (its own 96-bit IV in front), and a new 96-bit IV. The additional data binds a record to
 * its row, so that a copy in another row can't be opened. Parts are base64url.
 */
import { sha256, utf8 } from "#schema/domain/bytes.ts";
import { decodeBase64Url, encodeBase64Url } from "#workers/base64.ts";
import type { Config } from "../config.ts";

const VERSION = "v1";
const IV_BYTES = 12;
type Bytes = Uint8Array<ArrayBuffer>;

/** Where a secret lives. */
export interface Place {
  table: string;
  column: string;
  rowId: string;
  customerId: string;
}

export interface Vault {
  seal(place: Place, secret: string): Promise<string>;
  /** Throws VaultError if the record was changed, moved, or sealed under a key that is not configured. */
  open(place: Place, sealed: string): Promise<string>;
}

export class VaultError extends Error {
  override readonly name = "VaultError";
}

interface Kek {
  id: string;
  key: CryptoKey;
}

export function createVault(config: Pick<Config, "KEK_CURRENT" | "KEK_PREVIOUS">): Vault {
  const current = importKek(config.KEK_CURRENT);
  const previous = config.KEK_PREVIOUS ? importKek(config.KEK_PREVIOUS) : undefined;
  return {
    seal: async (place, secret) => seal(await current, place, secret),
    open: async (place, sealed) => {
      const keks = [await current, ...(previous ? [await previous] : [])];
      return open(keks, place, sealed);
    },
  };
}

async function seal(kek: Kek, place: Place, secret: string): Promise<string> {
  const aad = aadOf(place);
  const dek = crypto.getRandomValues(new Uint8Array(32));
  const wrapped = await encrypt(kek.key, dek, aad);
  const body = await encrypt(await importAes(dek), utf8(secret), aad);
  const parts = [concat(wrapped.iv, wrapped.text), body.iv, body.text].map(encodeBase64Url);
  return [VERSION, kek.id, ...parts].join(".");
}

async function open(keks: readonly Kek[], place: Place, sealed: string): Promise<string> {
  const [version, kekId, ...parts] = sealed.split(".");
  const [wrapped, iv, text] = parts.map(decodeBase64Url);
  if (version !== VERSION || parts.length !== 3 || !wrapped || !iv || !text) {
    throw new VaultError("The sealed record is malformed");
  }
  const kek = keks.find(({ id }) => id === kekId);
  if (!kek) throw new VaultError("The record is sealed under a key that is not configured");
  const aad = aadOf(place);
  const dek = await decrypt(kek.key, wrapped.slice(0, IV_BYTES), wrapped.slice(IV_BYTES), aad);
  return new TextDecoder().decode(await decrypt(await importAes(dek), iv, text, aad));
}

async function encrypt(key: CryptoKey, plain: Bytes, aad: Bytes): Promise<{ iv: Bytes; text: Bytes }> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const text = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: aad }, key, plain);
  return { iv, text: new Uint8Array(text) };
}

async function decrypt(key: CryptoKey, iv: Bytes, text: Bytes, aad: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: aad }, key, text));
  } catch {
    throw new VaultError("The sealed record can't be opened: it was changed or belongs to another row");
  }
}

/** A KEK's id is the start of its SHA-256: the same key has the same id wherever it is configured. */
async function importKek(bytes: Bytes): Promise<Kek> {
  return { id: encodeBase64Url((await sha256(bytes)).slice(0, 6)), key: await importAes(bytes) };
}

const importAes = (bytes: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);

const aadOf = (place: Place): Bytes => utf8([place.table, place.column, place.rowId, place.customerId].join("|"));

const concat = (a: Bytes, b: Bytes): Bytes => new Uint8Array([...a, ...b]);

/**
 * Proxy tokens: `ocp_` + body + checksum, all base 62.
 *
 * body = customer id (16 bytes) ‖ nonce (23 bytes = 184 bits) ‖ tag (16 bytes).
 * The tag is an HMAC-SHA-256 over the first two under a key that only the edge holds. So the edge knows, without
 * asking anybody, that it once made this token and for which customer: a flood of guesses wakes no Durable Object
 * and costs no query. Whether the token is still good, the customer's TokenMeter decides.
 *
 * Stored are only the token's SHA-256 and its last four characters. The nonce is derived from the row's id under the same
 * key, so that the edge can hand a box's token to the fleet-agent again and again without keeping it.
 * See docs/decisions/002-proxy-tokens.md.
 */
import { base62Length, fromBase62, toBase62 } from "./base62.ts";
import { hmac, isEqual, sha256Hex, utf8 } from "./bytes.ts";
import { toUuid } from "./ids.ts";
import { tryKeys } from "./key-rotation.ts";

const PREFIX = "ocp_";
const ID_BYTES = 16;
const NONCE_BYTES = 23;
const TAG_BYTES = 16;
const BODY_BYTES = ID_BYTES + NONCE_BYTES + TAG_BYTES;
const BODY_CHARS = base62Length(BODY_BYTES);
const CHECK_CHARS = 6;

/** Every token has this many characters. */
export const PROXY_TOKEN_LENGTH = PREFIX.length + BODY_CHARS + CHECK_CHARS;

/** The edge's two HMAC keys for tokens. A token of the previous `tag` key still reads. */
export interface TokenKeys {
  current: CryptoKey;
  previous?: CryptoKey;
}

export interface MintedToken {
  token: string;
  hash: string;
  last4: string;
}

/** `secret`: at least 32 bytes. */
export function importTokenKey(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  if (secret.length < 32) throw new RangeError("a token key needs at least 32 bytes");
  return crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** A customer's token: always the same for the same key, customer and token row. */
export async function deriveToken(keys: TokenKeys, customerId: string, tokenId: string): Promise<MintedToken> {
  const nonce = await hmac(keys.current, utf8(`nonce|${tokenId}`));
  return assemble(keys.current, customerId, nonce.slice(0, NONCE_BYTES));
}

/** Whether the text has the form and checksum of a token: costs microseconds, no cryptography. */
export function isWellFormed(token: string): boolean {
  if (token.length !== PROXY_TOKEN_LENGTH || !token.startsWith(PREFIX)) return false;
  return checksum(token.slice(0, -CHECK_CHARS)) === token.slice(-CHECK_CHARS);
}

/** The customer that a genuine token names and the token's hash; undefined for anything we did not make. */
export async function readToken(
  keys: TokenKeys,
  token: string,
): Promise<{ customerId: string; hash: string } | undefined> {
  if (!isWellFormed(token)) return undefined;
  const body = fromBase62(token.slice(PREFIX.length, -CHECK_CHARS), BODY_BYTES);
  if (!body) return undefined;
  const signed = body.slice(0, ID_BYTES + NONCE_BYTES);
  const tag = body.slice(ID_BYTES + NONCE_BYTES);
  const isOurs = (key: CryptoKey) => tagOf(key, signed).then((made) => isEqual(made, tag) || undefined);
  if (!(await tryKeys([keys.current, keys.previous], isOurs))) return undefined;
  return { customerId: toUuid(body.slice(0, ID_BYTES)), hash: await hashToken(token) };
}

/** SHA-256 of the token, lower-case hex: what the database holds. */
export const hashToken = (token: string): Promise<string> => sha256Hex(token);

async function assemble(key: CryptoKey, customerId: string, nonce: Uint8Array): Promise<MintedToken> {
  const signed = new Uint8Array([...fromUuid(customerId), ...nonce]);
  const body = new Uint8Array([...signed, ...(await tagOf(key, signed))]);
  const unchecked = PREFIX + toBase62(body);
  const token = unchecked + checksum(unchecked);
  return { token, hash: await hashToken(token), last4: token.slice(-4) };
}

async function tagOf(key: CryptoKey, signed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return (await hmac(key, signed)).slice(0, TAG_BYTES);
}

/** CRC-32 (IEEE 802.3) of the text as six base-62 characters. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) crc = (CRC_TABLE[(crc ^ text.charCodeAt(i)) & 255] ?? 0) ^ (crc >>> 8);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, ~crc);
  return toBase62(bytes);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function fromUuid(uuid: string): Uint8Array {
  const digits = uuid.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(digits)) throw new TypeError("a customer id is a UUID");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

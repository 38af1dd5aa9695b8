const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Big-endian bytes as base 62, padded so that equal lengths in give equal lengths out. */
export function toBase62(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = "";
  for (let left = base62Length(bytes.length); left > 0; left--) {
    text = ALPHABET.charAt(Number(value % 62n)) + text;
    value /= 62n;
  }
  return text;
}

/** The bytes of `text`, or undefined if it is not base 62 or does not fit into `length` bytes. */
export function fromBase62(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  let value = 0n;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    value = value * 62n + BigInt(digit);
  }
  if (value >> BigInt(8 * length)) return undefined;
  const bytes = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(value & 255n);
    value >>= 8n;
  }
  return bytes;
}

/** Characters that `bytes` bytes take: ceil(8 · bytes / log2 62). */
export const base62Length = (bytes: number): number => Math.ceil((8 * bytes) / Math.log2(62));

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { fromBase62, toBase62 } from "./base62.ts";
import {
  deriveToken,
  hashToken,
  importTokenKey,
  isWellFormed,
  PROXY_TOKEN_LENGTH,
  readToken,
  type TokenKeys,
} from "./proxy-token.ts";

const CUSTOMER = "0b0f5e3a-93f5-4a5e-8f4e-0c1d2e3f4a5b";
const TOKEN_ROW = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
let keys: TokenKeys;
let other: CryptoKey;

beforeAll(async () => {
  keys = { current: await importTokenKey(new Uint8Array(32).fill(7)) };
  other = await importTokenKey(new Uint8Array(32).fill(8));
});

describe("base 62", () => {
  test("gives every byte string back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(fromBase62(toBase62(bytes), bytes.length)).toEqual(bytes);
      }),
    );
  });

  test("refuses other characters and numbers that do not fit", () => {
    expect(fromBase62("a-b", 3)).toBeUndefined();
    expect(fromBase62("zz", 1)).toBeUndefined();
  });
});

describe("proxy tokens", () => {
  test("are read back to their customer and hash", async () => {
    const { token, hash, last4 } = await deriveToken(keys, CUSTOMER, TOKEN_ROW);
    expect(token).toHaveLength(PROXY_TOKEN_LENGTH);
    expect(token).toMatch(/^ocp_[0-9A-Za-z]+$/);
    expect(last4).toBe(token.slice(-4));
    expect(await readToken(keys, token)).toEqual({ customerId: CUSTOMER, hash: await hashToken(token) });
    expect(hash).toBe(await hashToken(token));
  });

  test("are the same for the same key, customer and row, and for nothing else", async () => {
    const derived = await deriveToken(keys, CUSTOMER, TOKEN_ROW);
    expect(await deriveToken(keys, CUSTOMER, TOKEN_ROW)).toEqual(derived);
    expect((await deriveToken(keys, CUSTOMER, CUSTOMER)).token).not.toBe(derived.token);
    expect((await deriveToken({ current: other }, CUSTOMER, TOKEN_ROW)).token).not.toBe(derived.token);
  });

  test("any single changed character is refused, without a look at the key when the checksum already fails", async () => {
    const { token } = await deriveToken(keys, CUSTOMER, TOKEN_ROW);
    for (let i = 0; i < token.length; i++) {
      const changed = token.slice(0, i) + (token[i] === "A" ? "B" : "A") + token.slice(i + 1);
      expect(isWellFormed(changed)).toBe(false);
      expect(await readToken(keys, changed)).toBeUndefined();
    }
  });

  test("a well-formed token under another key is not ours", async () => {
    const { token } = await deriveToken({ current: other }, CUSTOMER, TOKEN_ROW);
    expect(isWellFormed(token)).toBe(true);
    expect(await readToken(keys, token)).toBeUndefined();
    expect(await readToken({ current: keys.current, previous: other }, token)).toMatchObject({ customerId: CUSTOMER });
  });

  test("nonsense of any kind is refused quietly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
        expect(await readToken(keys, text)).toBeUndefined();
        expect(await readToken(keys, `ocp_${text}`)).toBeUndefined();
      }),
    );
  });

  test("a key that is too short is refused", async () => {
    expect(() => importTokenKey(new Uint8Array(16))).toThrow(RangeError);
  });
});

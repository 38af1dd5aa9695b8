import { beforeAll, describe, expect, it } from "vitest";
import { deriveToken, importTokenKey, type TokenKeys } from "#schema/domain/proxy-token.ts";
import { authenticate } from "./authenticate.ts";

const CUSTOMER = "0b0f5e3a-93f5-4a5e-8f4e-0c1d2e3f4a5b";
let keys: TokenKeys;
let token: string;
let hash: string;

beforeAll(async () => {
  keys = { current: await importTokenKey(new Uint8Array(32).fill(7)) };
  ({ token, hash } = await deriveToken(keys, CUSTOMER, crypto.randomUUID()));
});

const as = (headers: Record<string, string>) => authenticate(new Headers(headers), keys);

describe("authenticate", () => {
  it("reads the token from either header, the first time and again", async () => {
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: `bearer ${token}` },
      { "x-api-key": token },
    ]) {
      expect(await as(headers)).toEqual({ customerId: CUSTOMER, hash });
    }
  });

  it("refuses everything else in the same words, also after a good one was seen", async () => {
    const other = await deriveToken({ current: await importTokenKey(new Uint8Array(32).fill(8)) }, CUSTOMER, CUSTOMER);
    const refused = [
      {},
      { authorization: token },
      { authorization: `Basic ${token}` },
      { authorization: `Bearer ${token} x` },
      { authorization: `Bearer ${token.toLowerCase()}` },
      { "x-api-key": other.token },
      { "x-api-key": `${token}x` },
    ];
    const messages = await Promise.all(refused.map((headers) => as(headers).catch((error: Error) => error.message)));
    expect(new Set(messages)).toEqual(new Set(["The API key is not valid. Use your openclaw-cloud token (ocp_…)."]));
  });

  it("knows a token only by the keys that made it", async () => {
    await as({ "x-api-key": token });
    const others: TokenKeys = { current: await importTokenKey(new Uint8Array(32).fill(9)) };
    await expect(authenticate(new Headers({ "x-api-key": token }), others)).rejects.toMatchObject({
      kind: "invalid_api_key",
    });
  });
});

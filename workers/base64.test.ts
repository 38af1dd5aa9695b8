import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "./base64.ts";

describe("base64url", () => {
  it("is what Node writes, and reads back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(decodeBase64Url(text)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it.each(["=", "a", "ab=", "a+b/", "AB", "é", "a b"])("refuses %j: one record has one spelling", (text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });
});

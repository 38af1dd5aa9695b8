import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SEAL_BYTES } from "#schema/contracts/state-transfer.ts";
import { openPart, sealPart } from "./sealed-part.ts";

const key = randomBytes(32);
const place = { backupId: "b1", index: 3, isLast: false };

test("what was sealed opens in its place, and is the overhead longer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
      const sealed = sealPart(key, place, Buffer.from(bytes));
      expect(sealed.length).toBe(bytes.length + SEAL_BYTES);
      expect(openPart(key, place, sealed).equals(Buffer.from(bytes))).toBe(true);
    }),
  );
});

test("the same bytes are sealed differently each time", () => {
  expect(sealPart(key, place, Buffer.from("x")).equals(sealPart(key, place, Buffer.from("x")))).toBe(false);
});

test("any flipped bit, any cut and any other place is refused, and the words name the part", () => {
  const sealed = sealPart(key, place, Buffer.from("the agent's memory"));
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      expect(() => openPart(key, place, changed)).toThrow(
        "The backup is damaged: its part 4 differs from what was stored",
      );
    }),
  );
  for (const bytes of [0, 11, SEAL_BYTES - 1, sealed.length - 1]) {
    expect(() => openPart(key, place, sealed.subarray(0, bytes))).toThrow("damaged");
  }
  for (const other of [{ index: 4 }, { isLast: true }, { backupId: "b2" }]) {
    expect(() => openPart(key, { ...place, ...other }, sealed)).toThrow("damaged");
  }
  expect(() => openPart(randomBytes(32), place, sealed)).toThrow("damaged");
});

import { describe, expect, it } from "vitest";
import { flag, storable, timeCursor, usageCursor, wholeNumber, words } from "./parts.ts";

const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

describe("text", () => {
  it("may be anything but NUL, up to its length", () => {
    expect(storable(5).safeParse("a\nb–").success).toBe(true);
    for (const wrong of ["abcdef", "a\0b", 5]) expect(storable(5).safeParse(wrong).success).toBe(false);
  });

  it("of words says something, and loses the space around it", () => {
    expect(words(9).parse(" a b \n")).toBe("a b");
    for (const wrong of ["", " \n ", "a\0", "a".repeat(10)]) expect(words(9).safeParse(wrong).success).toBe(false);
  });

  it("is judged in time that grows with its length, however it is made", () => {
    const startedAt = performance.now();
    words(200_000).safeParse(`${"a".repeat(199_999)}\0`);
    words(200_000).safeParse(" ".repeat(200_000));
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

it("a whole number in text is one, and within its bounds", () => {
  expect(wholeNumber(0, 20).parse("17")).toBe(17);
  for (const wrong of ["21", "-1", "", " 1", "1e1", "0x1", "01", "1.0"]) {
    expect(wholeNumber(0, 20).safeParse(wrong).success, wrong).toBe(false);
  }
});

it("a flag is true or false", () => {
  expect([flag.parse("true"), flag.parse("false"), flag.safeParse("1").success]).toEqual([true, false, false]);
});

it.each([
  [timeCursor, `1790000000000_${ID}`, [`1790000000000_${ID}x`, "junk", "", `_${ID}`]],
  [usageCursor, `${ID}_2026-03-01_kimi/a_b`, ["bm9uZQ", `${ID}_x_`, "__\0"]],
  [usageCursor, "__", []],
])("a cursor has its form", (cursor, good, bad) => {
  expect(cursor.safeParse(good).success).toBe(true);
  for (const wrong of bad) expect(cursor.safeParse(wrong).success, wrong).toBe(false);
});

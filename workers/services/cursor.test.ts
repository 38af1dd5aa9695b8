import { describe, expect, it } from "vitest";
import { AppError } from "#schema/domain/errors.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const forms = [/^\d+$/, /^[a-z]+$/];

describe("cursor", () => {
  it("reads what it wrote", () => {
    expect(decodeCursor(encodeCursor(["42", "abc"]), forms)).toEqual(["42", "abc"]);
  });

  it.each(["", "junk", "!!", encodeCursor(["42"]), encodeCursor(["x", "abc"]), encodeCursor(["42", "abc", "d"])])(
    "refuses %j as the caller's mistake",
    (cursor) => {
      expect(() => decodeCursor(cursor, forms)).toThrow(AppError);
    },
  );
});

import { describe, expect, test } from "vitest";
import { StatementNames } from "./statement-names.ts";
import { type Frame, message } from "./wire.ts";

const frame = (type: string, ...parts: (string | Buffer)[]): Frame => ({ type, bytes: message(type, ...parts) });
const none = Buffer.alloc(2);

describe("StatementNames", () => {
  test("puts the session's own name into each message that carries one", () => {
    const names = new StatementNames(7);
    expect(names.rewrite(frame("P", "get-user", "select 1", none))).toEqual(
      message("P", "s7_get-user", "select 1", none),
    );
    expect(names.rewrite(frame("B", "cursor", "get-user", none))).toEqual(message("B", "cursor", "s7_get-user", none));
    expect(names.rewrite(frame("B", "", "get-user", none))).toEqual(message("B", "", "s7_get-user", none));
    expect(names.rewrite(frame("D", "Sget-user"))).toEqual(message("D", "Ss7_get-user"));
    expect(names.rewrite(frame("C", "Sget-user"))).toEqual(message("C", "Ss7_get-user"));
  });

  test.each([
    frame("P", "", "select 1", none),
    frame("B", "cursor", "", none),
    frame("D", "S"),
    frame("D", "Pcursor"),
    frame("C", "Pcursor"),
    frame("E", "cursor", Buffer.alloc(4)),
    frame("Q", "select 1"),
  ])("leaves the unnamed and the others alone: $type", (other) => {
    expect(new StatementNames(1).rewrite(other)).toBe(other.bytes);
  });

  test("forgets what is still prepared", () => {
    const names = new StatementNames(2);
    names.rewrite(frame("P", "a", "select 1", none));
    names.rewrite(frame("P", "b", "select 2", none));
    names.rewrite(frame("C", "Sa"));
    expect(names.closeAll()).toEqual(message("C", "Ss2_b"));
  });
});

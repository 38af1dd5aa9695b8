import { expect, test } from "vitest";
import { wishedTool } from "#cluster/local/model/user-text.ts";
import { turnText } from "./turns.ts";

/** Telegram's bound of a message. */
const LONGEST = 4_096;

test("every turn fits a message, and the built-in model takes the wishes for tools", () => {
  const turns = Array.from({ length: 100 }, (_, turn) => turnText(turn));
  for (const text of turns) {
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThanOrEqual(LONGEST);
  }
  const tools = turns.flatMap((content) => wishedTool([{ role: "user", content }])?.name ?? []);
  expect(new Set(tools)).toEqual(new Set(["exec", "write", "read"]));
  expect(tools.length).toBeGreaterThan(50);
});

import { expect, test } from "vitest";
import { transactionMode } from "./transaction-mode.ts";

const mode = (headers: Record<string, string>) => transactionMode((name) => headers[name]);

test("says what the headers ask for", () => {
  expect(mode({})).toBe("");
  expect(mode({ "neon-batch-isolation-level": "RepeatableRead" })).toBe("isolation level repeatable read");
  expect(
    mode({
      "neon-batch-isolation-level": "Serializable",
      "neon-batch-read-only": "true",
      "neon-batch-deferrable": "true",
    }),
  ).toBe("isolation level serializable, read only, deferrable");
});

test("takes nothing but true for true", () => {
  expect(mode({ "neon-batch-read-only": "1", "neon-batch-deferrable": "false" })).toBe("");
});

test("lets no header reach the statement", () => {
  expect(() => mode({ "neon-batch-isolation-level": "serializable; drop table boxes" })).toThrow("invalid isolation");
});

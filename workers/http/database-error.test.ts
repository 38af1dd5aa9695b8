import { describe, expect, it } from "vitest";
import { databaseError } from "./database-error.ts";

const from = (cause: Error): Error => new Error("Failed query", { cause });
const named = (name: string, more: object = {}): Error =>
  Object.assign(new Error("words that nobody may see"), { name, ...more });

describe("databaseError", () => {
  it.each<[string, Error]>([
    ["no connection", named("NeonDbError")],
    ["an answer that broke off in the middle", new DOMException("The operation timed out", "TimeoutError")],
  ])("is a 503 that says when to come again: %s", (_, cause) => {
    expect(databaseError(from(cause))).toMatchObject({ code: "upstream_unavailable", retryAfter: 5 });
  });

  it("names what is there already, and what can't be stored", () => {
    const taken = named("NeonDbError", { code: "23505", constraint: "boxes_one_live_per_bot" });
    expect(databaseError(from(taken))).toMatchObject({ code: "conflict", message: expect.stringContaining("bot") });
    expect(databaseError(from(named("NeonDbError", { code: "22P02" })))).toMatchObject({ code: "invalid_request" });
  });

  it("leaves alone what is no failure of the database", () => {
    expect(databaseError(new TypeError("a mistake of ours"))).toBeUndefined();
    expect(databaseError(from(named("NeonDbError", { code: "42P01" })))).toBeUndefined();
  });
});

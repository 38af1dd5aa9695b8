import { describe, expect, it } from "vitest";
import * as z from "zod";
import { Problem } from "#schema/contracts/problem.ts";
import { AppError } from "#schema/domain/errors.ts";
import { problemResponse, toAppError } from "./problem.ts";

async function render(error: unknown) {
  const response = problemResponse(toAppError(error), "r-1");
  return { response, body: Problem.parse(await response.json()) };
}

const refusedBy = (code: string, constraint: string) =>
  new Error("Failed query: insert … params: canary", {
    cause: Object.assign(new Error("duplicate key canary"), { name: "NeonDbError", code, constraint }),
  });

describe("an error as problem+json", () => {
  it("a 4xx has its code, its words and the request's id", async () => {
    const { response, body } = await render(new AppError("conflict", "This box is suspended"));
    expect(response.status).toBe(409);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({ status: 409, code: "conflict", detail: "This box is suspended", request_id: "r-1" });
  });

  it("a 5xx shows the request's id and nothing of the cause", async () => {
    for (const error of [new Error("canary"), new AppError("internal", "canary"), "canary", null]) {
      const { response, body } = await render(error);
      expect(response.status).toBe(500);
      expect(JSON.stringify(body)).not.toContain("canary");
      expect(body).toMatchObject({ code: "internal", detail: expect.stringContaining("r-1") });
    }
  });

  it("a field that is wrong has an RFC 6901 pointer; its value is not repeated", async () => {
    const schema = z.strictObject({ "a/b": z.object({ c: z.array(z.enum(["x"])) }) });
    const result = schema.safeParse({ "a/b": { c: ["x", "canary"] }, extra: 1 });
    const { body } = await render(result.error);
    expect(body.errors?.map((error) => error.pointer)).toEqual(["/a~1b/c/1", "/extra"]);
    expect(JSON.stringify(body)).not.toContain("canary");
  });

  it.each([
    ["boxes_one_live_per_bot", /bot/],
    ["boxes_one_live_per_subscription", /box/],
    ["some_other_key", /conflicts/],
  ])("a violated %s is a 409 in words", async (constraint, words) => {
    const { response, body } = await render(refusedBy("23505", constraint));
    expect(response.status).toBe(409);
    expect(body.detail).toMatch(words);
    expect(JSON.stringify(body)).not.toContain("canary");
  });

  it.each(["22021", "22008"])("a value that the database can't hold (%s) is a 400", async (code) => {
    const { response, body } = await render(refusedBy(code, ""));
    expect([response.status, body.code]).toEqual([400, "invalid_request"]);
    expect(JSON.stringify(body)).not.toContain("canary");
  });

  it("any other refusal of the database is ours: 500", async () => {
    expect((await render(refusedBy("42P01", ""))).response.status).toBe(500);
  });

  it("a database that does not answer is a 503 that says when to try again", async () => {
    const error = new Error("Failed query", {
      cause: Object.assign(new Error("fetch failed"), { name: "NeonDbError" }),
    });
    const { response, body } = await render(error);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(body.detail).toBe("The database does not answer. Please quote request r-1.");
  });

  it("another service that does not answer is named", async () => {
    const { body } = await render(new AppError("upstream_unavailable", "Telegram does not answer"));
    expect(body.detail).toBe("Telegram does not answer. Please quote request r-1.");
  });
});

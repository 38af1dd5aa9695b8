import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { app } from "../app.ts";
import { makeEnv } from "../testing/make-ctx.ts";

const nowhere = { connectionString: "postgresql://u:p@db.example/x", url: "http://127.0.0.1:9" };
const ask = (vars: Record<string, string>, path: string) => app.request(path, {}, makeEnv(nowhere, { vars }));

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

it.each(["/openapi.json", "/nowhere", "/v1/nowhere"])("every answer has a request id: %s", async (path) => {
  expect((await ask({}, path)).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

it.each(["/openapi.json", "/nowhere", "/internal/boxes"])(
  "at a production address %s is asked by https alone",
  async (path) => {
    const answer = await ask({ PUBLIC_URL: "https://cloud.example.com" }, path);
    expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");
  },
);

it("at http://127.0.0.1 it is not", async () => {
  const answer = await ask({ PUBLIC_URL: "http://127.0.0.1:8787" }, "/openapi.json");
  expect(answer.headers.has("strict-transport-security")).toBe(false);
});

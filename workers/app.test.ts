import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { app } from "./app.ts";
import { FAILED_HOOK, JOBS_HOOK } from "./integrations/qstash.ts";
import { operations } from "./routes/routes.ts";

const routes = app.routes.filter(({ path, method }) => path !== "/*" && path !== "/hooks/*" && method !== "HEAD");
const paths = [...new Set(routes.map(({ path }) => path))];

/** Vendors say how these are spoken: no operation describes them. */
const BESIDE = [/^\/v1\//, /^\/coding\//, new RegExp(`^(${JOBS_HOOK}|${FAILED_HOOK})$`)];

it("has no route that is neither an operation nor in a vendor's words", () => {
  const declared = operations.map(({ description: { method, path } }) => `${method} ${path.replaceAll(/[{}]/g, "")}`);
  const others = routes
    .filter(({ method, path }) => !declared.includes(`${method.toLowerCase()} ${path.replaceAll(":", "")}`))
    .map(({ path }) => path);
  expect(others.filter((path) => !BESIDE.some((form) => form.test(path)))).toEqual([]);
});

describe("run_worker_first of wrangler.toml, by which requests pass the site's files", () => {
  const matches = (pattern: string, path: string): boolean =>
    pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;

  async function patterns(): Promise<string[]> {
    const toml = await readFile(fileURLToPath(new URL("../wrangler.toml", import.meta.url).href), "utf8");
    const [, list] = /^run_worker_first = (\[.*\])$/m.exec(toml) ?? [];
    return JSON.parse(list ?? "[]");
  }

  it("names every route", async () => {
    const all = await patterns();
    expect(paths.filter((path) => !all.some((pattern) => matches(pattern, path)))).toEqual([]);
  });

  it("names nothing that has no route", async () => {
    expect((await patterns()).filter((pattern) => !paths.some((path) => matches(pattern, path)))).toEqual([]);
  });
});

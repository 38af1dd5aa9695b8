import { expect, test } from "vitest";
import { fetchAhead } from "./fetch-ahead.ts";

async function told(fetch: Parameters<typeof fetchAhead>[1]): Promise<string[]> {
  const lines: string[] = [];
  await fetchAhead((line) => lines.push(line), fetch);
  return lines;
}

test("says nothing where OpenClaw is there, else that it fetches and when it is through", async () => {
  expect(await told(async () => "/cache")).toEqual([]);
  const lines = await told(async ({ onProgress } = {}) => {
    for (const line of ["fetching", "1 of 9", "2 of 9"]) onProgress?.(line);
    return "/cache";
  });
  expect(lines).toEqual(["  fetching", "  OpenClaw is fetched: boxes can start."]);
});

test("a failure says what to do, and that the rest works", async () => {
  const lines = await told(async () => {
    throw new Error("could not be fetched\nCheck that …");
  });
  expect(lines).toEqual([
    "  could not be fetched",
    "  Check that …",
    expect.stringContaining("Everything except boxes"),
  ]);
});

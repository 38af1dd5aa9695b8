import { expect, inject, test } from "vitest";
import { startEdge } from "#cluster/local/edge.ts";
import { until } from "#tests/harness/until.ts";

test("a Worker that is not configured answers nothing but a 500 with an id; its log names what is missing and shows no value", async () => {
  const logs: string[] = [];
  const vars = { QSTASH_TOKEN: "canary-value", KEK_CURRENT: "canary-key" };
  const broken = await startEdge({ bundle: inject("bundle"), vars, onLog: (line) => logs.push(line) });
  const response = await fetch(`${broken.url}/internal/boxes`);
  const body = await response.text();
  expect([response.status, JSON.parse(body).code]).toEqual([500, "internal"]);
  expect(body).not.toContain("DATABASE_URL");
  const line = await until("the log line", () => logs.find((text) => text.includes("ConfigError")));
  expect(line).toContain("DATABASE_URL: is missing");
  expect(line).toContain("KEK_CURRENT: must be 32 bytes");
  expect(line).not.toContain("canary");
  await broken.close();
});

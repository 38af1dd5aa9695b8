/** Outages of the models' providers, on PGlite, with a clock of the test's own. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import type { Ctx } from "../../context.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { fleetStatus } from "../fleet/fleet-status.ts";
import { recordAnswer, recordFailure } from "./outages.ts";

let standIn: TestNeon;
let ctx: Ctx;
let now = Date.parse("2026-03-01T12:00:00Z");
let lines: Record<string, unknown>[] = [];
const write = (line: string) => void lines.push(JSON.parse(line));

beforeAll(async () => {
  standIn = await overPglite();
  ctx = makeCtx(standIn, { now: () => new Date(now) });
});
afterAll(() => standIn.close());
beforeEach(async () => {
  lines = [];
  await standIn.neon.query("delete from model_outages");
});

const open = async () => (await fleetStatus({ ctx })).model_outages;

test("one alert for each provider and reason, however many requests fail at once, until it answers again", async () => {
  const since = new Date(now).toISOString();
  await Promise.all(Array.from({ length: 9 }, () => recordFailure(ctx, "kimi", "model_key_refused", write)));
  now += 90_000;
  await recordFailure(ctx, "kimi", "model_key_refused", write);
  await recordFailure(ctx, "other", "model_key_refused", write);
  expect(lines).toMatchObject([
    { kind: "model_key_refused", level: "error", provider: "kimi" },
    { kind: "model_key_refused", level: "error", provider: "other" },
  ]);
  expect(await open()).toMatchObject([{ provider: "kimi", reason: "model_key_refused", since }, { provider: "other" }]);

  await recordAnswer(ctx, "kimi", write);
  await recordAnswer(ctx, "kimi", write);
  expect(lines.slice(2)).toMatchObject([
    { kind: "model_answers_again", level: "info", provider: "kimi", reason: "model_key_refused", outage_seconds: 90 },
  ]);
  expect(await open()).toMatchObject([{ provider: "other" }]);
  await recordFailure(ctx, "kimi", "model_key_refused", write);
  expect(lines).toHaveLength(4);
});

test("what comes and goes is one outage until it has been calm for a minute", async () => {
  for (let i = 0; i < 5; i++) {
    await recordFailure(ctx, "kimi", "model_unavailable", write);
    now += 20_000;
    await recordAnswer(ctx, "kimi", write);
  }
  expect(lines).toHaveLength(1);
  now += 40_000;
  await recordAnswer(ctx, "kimi", write);
  expect(lines[1]).toMatchObject({ kind: "model_answers_again", reason: "model_unavailable" });
  expect(await open()).toEqual([]);
});

import { expect, test } from "vitest";
import { figuresOf, type Raw, summarize, type Turn, turnOf, verdicts } from "./figures.ts";

const turn = (over: Partial<Turn>): Turn => ({
  rps: 100,
  p50: 1,
  p99: 2,
  firstByteP50: 1,
  firstByteP99: 2,
  cpuMs: 1,
  rssMb: 50,
  failed: 0,
  reads: 1,
  ...over,
});

test("a turn's figures come from its answers", () => {
  const load = {
    answered: 4,
    failed: 1,
    failures: { "status 500": 1 },
    elapsedMs: 2_000,
    firstByteMs: [1, 2, 3, 4],
    totalMs: [2, 4, 6, 8],
    reads: 8,
  };
  const seen = turnOf(load, { rssMb: 1, cpuMs: 100 }, { rssMb: 9, cpuMs: 140 });
  expect(seen).toMatchObject({ rps: 2, p50: 5, firstByteP50: 2.5, cpuMs: 10, rssMb: 9, failed: 1, reads: 2 });
});

test("rounds become medians; what failed adds up, and a turn without an answer is no figure", () => {
  const turns = [turn({ rps: 10 }), turn({ rps: 30, failed: 2 }), turn({ rps: 20 }), turn({ rps: 0, failed: 5 })];
  expect(figuresOf(turns)).toMatchObject({ rps: 20, failed: 7 });
  expect(figuresOf([turn({ rps: 0 })])).toBeUndefined();
});

test("the summary compares with the bare Worker and the others, and knows what is missing", () => {
  const raw: Partial<Raw> = {
    json_32: { ours: turn({ rps: 500 }), bare: turn({ rps: 1_000 }), portkey: turn({ rps: 400 }) },
    stream_1: { ours: turn({ firstByteP50: 3, firstByteP99: 9 }), bare: turn({ firstByteP50: 1, firstByteP99: 2 }) },
  };
  const summary = summarize(raw);
  expect(summary).toEqual({
    ttfb_added_p50_ms: 2,
    ttfb_added_p99_ms: 7,
    rps_over_bare: 0.5,
    rps_over_portkey: 1.25,
    rps_over_litellm: null,
    rps_over_tensorzero: null,
  });
  expect(verdicts(summary).map((line) => line.split(" ")[0])).toEqual(["MISSED", "MISSED", "met", "met", "not"]);
});

import { describe, expect, it } from "vitest";
import { COLUMNS, dataPoint } from "./data-point.ts";

describe("dataPoint", () => {
  const point = dataPoint({
    ms: 900,
    route: "/v1/chat/completions",
    model: "kimi-coding/k2p5",
    customer_id: "0b0f5e3a-93f5-4a5e-8f4e-0c1d2e3f4a5b",
    outcome: "completed",
    provider: "moonshot",
    status: 200,
    stream: true,
    input_tokens: 70,
    cached_input_tokens: 20,
    output_tokens: 3,
    first_byte_ms: 120,
    attempts: 2,
  });
  const at = (column: string) => {
    const [, kind, number] = /^(blob|double)(\d+)$/.exec(column) ?? [];
    return (kind === "blob" ? point.blobs : point.doubles)?.[Number(number) - 1];
  };

  it("has each value where the query looks for it", () => {
    expect(Object.fromEntries(Object.entries(COLUMNS).map(([name, column]) => [name, at(column)]))).toEqual({
      route: "/v1/chat/completions",
      model: "kimi-coding/k2p5",
      outcome: "completed",
      reason: "",
      provider: "moonshot",
      status: "200",
      stream: "stream",
      inputTokens: 70,
      cachedInputTokens: 20,
      outputTokens: 3,
      firstByteMs: 120,
      totalMs: 900,
      attempts: 2,
      estimated: 0,
    });
  });

  it("is sampled by model and outcome, and knows no customer", () => {
    expect(point.indexes).toEqual(["kimi-coding/k2p5|completed"]);
    expect(JSON.stringify(point)).not.toContain("0b0f5e3a");
  });

  it("tells a refusal's reason", () => {
    const { blobs, indexes } = dataPoint({ ms: 1, outcome: "refused", error_code: "rate_limited", status: 429 });
    expect(indexes).toEqual(["|refused"]);
    expect(blobs).toEqual(["", "", "refused", "rate_limited", "", "429", "whole"]);
  });
});

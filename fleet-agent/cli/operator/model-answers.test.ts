import { expect, it } from "vitest";
import type { MetricsRow } from "#schema/contracts/metrics.ts";
import { judgeAnswers, withOutages } from "./model-answers.ts";

const row = (outcome: string, reason: string, requests: number): MetricsRow => ({
  model: "k2p5",
  outcome,
  reason,
  provider: "",
  requests,
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  estimated: 0,
  first_byte_p50_ms: 0,
  first_byte_p99_ms: 0,
});
const judge = (...rows: MetricsRow[]) => judgeAnswers({ configured: true, detail: null, hours: 1, rows });
const SERVED = row("completed", "", 100);

it("is well without failures, and with a few that pass", () => {
  expect(judge(SERVED, row("refused", "quota_exceeded", 500)).state).toBe("ok");
  expect(judge(SERVED, row("upstream_error", "upstream_busy", 3)).state).toBe("ok");
  expect(judge().state).toBe("ok");
});

it("warns of a refused key at once, and fails where customers notice", () => {
  expect(judge(SERVED, row("upstream_error", "upstream_refused", 1))).toEqual({
    state: "warn",
    words:
      "1 of 101 requests in the last hour failed at their provider: it refuses our key, our account or the model (1, k2p5)",
  });
  expect(judge(SERVED, row("upstream_error", "model_account_empty", 1)).state).toBe("warn");
  expect(judge(SERVED, row("upstream_error", "model_busy", 1)).state).toBe("ok");
  expect(judge(SERVED, row("upstream_error", "upstream_failed", 20)).state).toBe("fail");
});

it("does not count what we refused ourselves as asked", () => {
  expect(judge(row("refused", "rate_limited", 1_000), row("upstream_error", "upstream_refused", 1)).state).toBe("fail");
});

it("knows nothing where the edge keeps no metrics", () => {
  const answer = judgeAnswers({ configured: false, detail: "Set CF_ACCOUNT_ID", hours: 1, rows: [] });
  expect(answer).toEqual({ state: "unknown", words: "Set CF_ACCOUNT_ID" });
});

it("names each outage that is open, whatever the metrics say", () => {
  const since = "2026-11-23T11:55:00.000Z";
  const now = Date.parse(since) + 300_000;
  const open = (reason: string) =>
    withOutages({ state: "ok", words: "none failed" }, [{ provider: "kimi", reason, since }], now);
  expect(open("model_key_refused")).toMatchObject({
    state: "fail",
    words: expect.stringMatching(
      /^kimi, for 5m \(model_key_refused\): The model's provider refuses our key .* valid key/,
    ),
  });
  expect(open("of_a_newer_edge").words).toContain("of_a_newer_edge");
  expect(withOutages({ state: "ok", words: "none failed" }, [], now).state).toBe("ok");
});

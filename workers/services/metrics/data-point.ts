/** One request of the token proxy as a data point of Workers Analytics Engine: no customer, token or text. */
import type { LogLine } from "../../log.ts";

export const DATASET = "openclaw_cloud_requests";

/** The columns. Add new ones at the end only, because points stay for three months. */
export const COLUMNS = {
  route: "blob1",
  model: "blob2",
  outcome: "blob3",
  reason: "blob4",
  provider: "blob5",
  status: "blob6",
  stream: "blob7",
  inputTokens: "double1",
  cachedInputTokens: "double2",
  outputTokens: "double3",
  firstByteMs: "double4",
  totalMs: "double5",
  attempts: "double6",
  estimated: "double7",
} as const;

/** Sampling is by model and outcome, so that a flood of refusals does not displace served requests. */
export function dataPoint(line: LogLine): AnalyticsEngineDataPoint {
  const { model = "", outcome = "completed" } = line;
  return {
    indexes: [`${model}|${outcome}`.slice(0, 96)],
    blobs: [
      line.route ?? "",
      model,
      outcome,
      line.reason ?? line.error_code ?? "",
      line.provider ?? "",
      String(line.status ?? ""),
      line.stream ? "stream" : "whole",
    ],
    doubles: [
      line.input_tokens ?? 0,
      line.cached_input_tokens ?? 0,
      line.output_tokens ?? 0,
      line.first_byte_ms ?? 0,
      line.ms,
      line.attempts ?? 0,
      line.estimated ? 1 : 0,
    ],
  };
}

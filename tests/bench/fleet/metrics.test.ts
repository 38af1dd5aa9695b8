import { expect, test } from "vitest";
import { parseMetrics } from "./metrics.ts";

const TEXT = `# HELP requests Requests.
# TYPE requests counter
requests{verb="get",resource="pods"} 3
requests{verb="apply",resource="pods"} 4
requests{verb="apply",resource="secrets"} 5
process_resident_memory_bytes 1.2e+08
`;

test("sums the series that are asked for", () => {
  const samples = parseMetrics(TEXT);
  expect(samples.sum("requests")).toBe(12);
  expect(samples.sum("requests", { verb: "apply" })).toBe(9);
  expect(samples.sum("requests", { verb: "apply", resource: "pods" })).toBe(4);
  expect(samples.sum("process_resident_memory_bytes")).toBe(120_000_000);
  expect(samples.sum("nothing")).toBe(0);
});

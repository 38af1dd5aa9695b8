/** `GET /internal/metrics`: the token proxy's recent requests. Names are snake_case, as on the wire. */
import * as z from "zod";
import { wholeNumber } from "./parts.ts";

export const MetricsQuery = z.strictObject({
  hours: wholeNumber(1, 24 * 31)
    .default(24)
    .meta({ description: "How many hours back" }),
});

export const MetricsRow = z.strictObject({
  model: z.string().meta({ description: "Empty where the request was refused before its model was known" }),
  /** `completed`, `client_closed`, `upstream_error`, `refused`, …: as in the ledger and the log. */
  outcome: z.string(),
  reason: z.string(),
  provider: z.string(),
  requests: z.number().meta({ description: "Estimated from samples under high load" }),
  input_tokens: z.number(),
  cached_input_tokens: z.number(),
  output_tokens: z.number(),
  estimated: z.number().meta({ description: "Requests whose usage we estimated" }),
  first_byte_p50_ms: z.number(),
  first_byte_p99_ms: z.number(),
});
export type MetricsRow = z.infer<typeof MetricsRow>;

export const Metrics = z.strictObject({
  configured: z.boolean().meta({ description: "Whether this edge is configured to read its metrics" }),
  detail: z.string().nullable().meta({ description: "What to do where it is not configured" }),
  hours: z.int(),
  rows: z.array(MetricsRow),
});
export type Metrics = z.infer<typeof Metrics>;

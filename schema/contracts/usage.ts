/** `GET /internal/usage`: sums of the ledger. Names are snake_case, as on the wire. */
import * as z from "zod";
import { text, usageCursor } from "./parts.ts";

export const USAGE_GROUPS = ["customer", "day", "model"] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** Single requests are kept for 90 days at least. */
export const MAX_USAGE_DAYS = 100;

const GROUP = `(?:${USAGE_GROUPS.join("|")})`;
export const usageDay = text(10).check(z.iso.date());
const groups = text(40)
  .regex(
    new RegExp(`^(?!.*(${GROUP}).*\\1) *${GROUP} *(?:, *${GROUP} *)*$`),
    "must be some of customer, day and model, each once, separated by commas",
  )
  .default("customer")
  .transform((text) => USAGE_GROUPS.filter((group) => text.includes(group)))
  .meta({ description: "Some of `customer`, `day` and `model`, each once, separated by commas" });

export const UsageQuery = z
  .strictObject({
    from: usageDay.meta({ description: "The first day (UTC)" }),
    to: usageDay.meta({ description: "The day after the last (UTC)" }),
    customer_id: z.uuid().optional(),
    group_by: groups,
    format: z.enum(["json", "csv"]).optional().meta({ description: "Default: what `Accept` asks for, else JSON" }),
    cursor: usageCursor.optional(),
  })
  .refine(({ from, to }) => from < to, { path: ["to"], error: "must be a day after `from`" })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= MAX_USAGE_DAYS * 86_400_000, {
    path: ["from"],
    error: `must be at most ${MAX_USAGE_DAYS} days before \`to\``,
  });
export type UsageQuery = z.infer<typeof UsageQuery>;

/** Corrections count on the day they were recorded. Columns that are not grouped by are null. */
export const UsageRow = z
  .object({
    customer_id: z.uuid().nullable(),
    day: usageDay.nullable(),
    model: z.string().nullable(),
    requests: z.int(),
    estimated_requests: z.int().meta({ description: "Of these, requests whose usage we estimated" }),
    input_tokens: z.int(),
    cached_input_tokens: z.int().meta({ description: "Part of `input_tokens`" }),
    output_tokens: z.int(),
    total_tokens: z.int().meta({ description: "Tokens that count towards the quota" }),
  })
  .meta({ id: "UsageRow" });
export type UsageRow = z.infer<typeof UsageRow>;

/** In the order of customer, day, model; `next_cursor` goes into `?cursor=` of the next call. */
export const UsageReport = z
  .object({ from: usageDay, to: usageDay, rows: z.array(UsageRow), next_cursor: z.string().nullable() })
  .meta({ id: "UsageReport" });
export type UsageReport = z.infer<typeof UsageReport>;

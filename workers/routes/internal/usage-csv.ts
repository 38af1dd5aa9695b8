import type { UsageRow } from "#schema/contracts/usage.ts";

const COLUMNS = [
  "customer_id",
  "day",
  "model",
  "requests",
  "estimated_requests",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "total_tokens",
] as const satisfies readonly (keyof UsageRow)[];

/** RFC 4180, with a header line. Columns that are not grouped by are empty. */
export function usageCsv(rows: readonly UsageRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => field(row[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

/** Quotes text that a spreadsheet would run as a formula. */
function field(value: string | number | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

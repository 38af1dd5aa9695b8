import { expect, it } from "vitest";
import { UsageRow } from "#schema/contracts/usage.ts";
import { usageCsv } from "./usage-csv.ts";

const row: UsageRow = {
  customer_id: null,
  day: "2026-03-01",
  model: "a",
  requests: 2,
  estimated_requests: 0,
  input_tokens: 10,
  cached_input_tokens: 3,
  output_tokens: -1,
  total_tokens: 9,
};

it("has every field of a row as a column, and a header only where there is no row", () => {
  const [header] = usageCsv([]).split("\r\n");
  expect(header?.split(",")).toEqual(Object.keys(UsageRow.shape));
  expect(usageCsv([row])).toBe(`${header}\r\n,2026-03-01,a,2,0,10,3,-1,9\r\n`);
});

it.each([
  ['say "a", b', '"say ""a"", b"'],
  ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"],
  ["@x,y", `"'@x,y"`],
])("writes the model %j so that a spreadsheet shows it as it is", (model, field) => {
  expect(usageCsv([{ ...row, model }])).toContain(`,2026-03-01,${field},2,`);
});

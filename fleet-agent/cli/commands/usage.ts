import { type Command, InvalidArgumentError, Option } from "commander";
import { USAGE_GROUPS, UsageReport, type UsageRow, usageDay } from "#schema/contracts/usage.ts";
import { findBox } from "../operator/find-box.ts";
import type { OperatorClient } from "../operator/operator-client.ts";
import { BOX_ARGUMENT } from "./boxes/get.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "./operator.ts";
import { type Column, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

interface Options extends JsonOptions {
  from?: string;
  to?: string;
  by: string[];
  box?: string;
}

const EXAMPLES = `
Days are UTC. Single requests are kept for 90 days.

Examples:
  fleet-agent usage
  fleet-agent usage --by day --box @their_bot
  fleet-agent usage --from 2026-11-01 --to 2026-12-01 --by customer model --json`;

export function addUsageCommand(program: Command, terminal: Terminal): void {
  program
    .command("usage")
    .description("Show the tokens that customers have used, by customer, day and model")
    .option("--from <day>", "the first day (default: the first of this month)", day)
    .option("--to <day>", "the day after the last (default: tomorrow)", day)
    .addOption(new Option("--by <groups...>", "what to sum by").choices(USAGE_GROUPS).default(["customer"]))
    .option("--box <box>", `only the customer's of ${BOX_ARGUMENT}`)
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => usage(terminal, options));
}

async function usage(terminal: Terminal, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const { from, to } = period(options, new Date());
  const customer_id = options.box && (await findBox(operator, options.box)).customer_id;
  const rows = await fetchRows(operator, { from, to, group_by: options.by.join(","), customer_id });
  answer(terminal, options, rows, () =>
    rows.length > 0 ? table(COLUMNS, rows) : `Nothing was used from ${from} until ${to} (not included).`,
  );
}

/** Pure. By default this month, today included. */
export function period({ from, to }: Pick<Options, "from" | "to">, now: Date): { from: string; to: string } {
  const today = now.toISOString().slice(0, 10);
  const tomorrow = new Date(now.getTime() + 86_400_000).toISOString().slice(0, 10);
  return { from: from ?? `${today.slice(0, 8)}01`, to: to ?? tomorrow };
}

async function fetchRows(operator: OperatorClient, query: Record<string, string | undefined>): Promise<UsageRow[]> {
  const rows: UsageRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await operator.get("/internal/usage", UsageReport, { ...query, cursor });
    rows.push(...page.rows);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

const COLUMNS: readonly Column<UsageRow>[] = [
  { title: "CUSTOMER", value: (row) => row.customer_id ?? "-" },
  { title: "DAY", value: (row) => row.day ?? "-" },
  { title: "MODEL", value: (row) => row.model ?? "-" },
  { title: "REQUESTS", value: (row) => String(row.requests) },
  { title: "INPUT", value: (row) => String(row.input_tokens) },
  { title: "CACHED", value: (row) => String(row.cached_input_tokens) },
  { title: "OUTPUT", value: (row) => String(row.output_tokens) },
  { title: "TOTAL", value: (row) => String(row.total_tokens) },
];

function day(text: string): string {
  if (!usageDay.safeParse(text).success) throw new InvalidArgumentError("must be a day, such as 2026-11-30");
  return text;
}

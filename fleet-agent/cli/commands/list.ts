import { type Command, InvalidArgumentError, Option } from "commander";
import type * as z from "zod";
import { findBox } from "../operator/find-box.ts";
import type { OperatorClient } from "../operator/operator-client.ts";
import { BOX_ARGUMENT } from "./boxes/get.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "./operator.ts";
import { type Column, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** What a list command shows, and by what it can be narrowed. `Things` names them for people and in a page. */
export interface ListOf<Things extends string, T> {
  things: Things;
  /** Under `/internal/`; `things` where it is left out. */
  path?: string;
  answer: z.ZodType<Record<Things, T[]> & { next_cursor: string | null }>;
  columns: readonly Column<T>[];
  filters: readonly Filter[];
  /** What the edge is asked for unless an option says otherwise. */
  defaults?(options: Readonly<Record<string, unknown>>): Record<string, string>;
}

interface Filter {
  option: Option;
  /** Its name at the edge; the option's own where it is left out. */
  query?: string;
  /** What the edge is asked for, where that is not what was typed. */
  resolve?(operator: OperatorClient, typed: string): Promise<string>;
}

export const BOX_FILTER: Filter = {
  option: new Option("--box <box>", `only those of ${BOX_ARGUMENT}`),
  query: "box_id",
  resolve: async (operator, typed) => (await findBox(operator, typed)).id,
};

export const statusFilter = (statuses: readonly string[]): Filter => ({
  option: new Option("--status <status>", "only those that are so").choices(statuses),
});

interface ListOptions extends JsonOptions, Record<string, unknown> {
  limit: number;
  all?: boolean;
}

export function addListCommand<N extends string, T>(parent: Command, terminal: Terminal, list: ListOf<N, T>): void {
  const command = parent.command("list").description(`List ${list.things}, the newest first`);
  for (const { option } of list.filters) command.addOption(option);
  command
    .option("--limit <n>", "the most to list", atLeastOne, 100)
    .option("--all", "list all of them")
    .addOption(jsonOption())
    .action(async (options: ListOptions) => {
      const operator = openOperator(terminal);
      const narrowed = await queryOf(operator, list.filters, options);
      const query = { ...list.defaults?.(options), ...narrowed };
      const limit = options.all ? Number.POSITIVE_INFINITY : options.limit;
      const { items, more } = await fetchPages(operator, list, query, limit);
      const none = `There are no ${Object.keys(narrowed).length > 0 ? "such " : ""}${list.things}.`;
      answer(terminal, options, items, () => (items.length > 0 ? table(list.columns, items) : none));
      if (more) terminal.tell(`These are the newest ${items.length}; --all shows the rest.`);
    });
}

function atLeastOne(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("must be a whole number, 1 or more");
  return Number(text);
}

async function queryOf(operator: OperatorClient, filters: readonly Filter[], options: ListOptions) {
  const query: Record<string, string> = {};
  for (const { option, query: name = option.attributeName(), resolve } of filters) {
    const typed = options[option.attributeName()];
    if (typed !== undefined) query[name] = resolve ? await resolve(operator, String(typed)) : String(typed);
  }
  return query;
}

/** At most `limit` of what the edge gives page by page, and whether there are more. */
async function fetchPages<N extends string, T>(
  operator: OperatorClient,
  list: ListOf<N, T>,
  query: Record<string, string>,
  limit: number,
): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await operator.get(`/internal/${list.path ?? list.things}`, list.answer, { ...query, cursor });
    items.push(...page[list.things]);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  return { items: items.slice(0, limit), more: cursor !== undefined || items.length > limit };
}

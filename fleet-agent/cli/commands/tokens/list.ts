import { type Command, Option } from "commander";
import { type Token, TokenList } from "#schema/contracts/tokens.ts";
import { TOKEN_STATUSES } from "#schema/domain/states.ts";
import { findBox } from "../../operator/find-box.ts";
import { listAll } from "../../operator/list-all.ts";
import { age } from "../age.ts";
import { BOX_ARGUMENT } from "../boxes/get.ts";
import { addListOptions, type ListOptions, limitOf, tellMore } from "../list-options.ts";
import { answer, openOperator } from "../operator.ts";
import { type Column, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends ListOptions {
  box?: string;
  email?: string;
  status?: string;
}

const COLUMNS: readonly Column<Token>[] = [
  { title: "ID", value: (token) => token.id },
  { title: "STATUS", value: (token) => token.status },
  { title: "LAST4", value: (token) => token.last4 },
  { title: "OF", value: (token) => (token.box_id ? `box ${token.box_id.slice(0, 8)}` : (token.label ?? "-")) },
  { title: "AGE", value: (token) => age(token.created_at) },
  { title: "UNTIL", value: (token) => token.expires_at ?? "-" },
  { title: "CUSTOMER", value: (token) => token.customer_email ?? token.customer_id },
];

export function addListCommand(tokens: Command, terminal: Terminal): void {
  const command = tokens
    .command("list")
    .description("List tokens, the newest first")
    .option("--box <box>", `only those of ${BOX_ARGUMENT}`)
    .option("--email <email>", "only this customer's")
    .addOption(new Option("--status <status>", "only those that are so").choices(TOKEN_STATUSES));
  addListOptions(command).action(async (options: Options) => {
    const operator = openOperator(terminal);
    const box = options.box && (await findBox(operator, options.box)).id;
    const { items, more } = await listAll(operator, "/internal/tokens", {
      answer: TokenList,
      items: (page) => page.tokens,
      query: { box_id: box, email: options.email, status: options.status },
      limit: limitOf(options),
    });
    answer(terminal, options, items, () => (items.length > 0 ? table(COLUMNS, items) : "There are no such tokens."));
    if (more) tellMore(terminal, items.length);
  });
}

import { type Command, Option } from "commander";
import { type Box, BoxList } from "#schema/contracts/internal.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { listAll } from "../../operator/list-all.ts";
import { age } from "../age.ts";
import { addListOptions, type ListOptions, limitOf, tellMore } from "../list-options.ts";
import { answer, openOperator } from "../operator.ts";
import { type Column, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends ListOptions {
  status?: string;
  cluster?: string;
  email?: string;
  search?: string;
}

const COLUMNS: readonly Column<Box>[] = [
  { title: "ID", value: (box) => box.id },
  { title: "STATUS", value: (box) => box.status },
  { title: "HEALTH", value: (box) => box.health },
  { title: "TIER", value: (box) => box.tier },
  { title: "CLUSTER", value: (box) => box.cluster_id },
  { title: "SEEN", value: (box) => age(box.last_seen_at) },
  { title: "AGE", value: (box) => age(box.created_at) },
  { title: "BOT", value: (box) => `@${box.telegram_bot_username}` },
  { title: "CUSTOMER", value: (box) => box.customer_email ?? box.customer_id },
];

export function addListCommand(boxes: Command, terminal: Terminal): void {
  const command = boxes
    .command("list")
    .description("List boxes, the newest first")
    .addOption(new Option("--status <status>", "only those that are so").choices(BOX_STATUSES))
    .option("--cluster <id>", "only those of this cluster")
    .option("--email <email>", "only this customer's")
    .option("--search <text>", "part of an email or a bot's name, or the beginning of an id");
  addListOptions(command).action(async (options: Options) => {
    const { items, more } = await listAll(openOperator(terminal), "/internal/boxes", {
      answer: BoxList,
      items: (page) => page.boxes,
      query: { status: options.status, cluster: options.cluster, email: options.email, q: options.search },
      limit: limitOf(options),
    });
    answer(terminal, options, items, () => (items.length > 0 ? table(COLUMNS, items) : "There are no such boxes."));
    if (more) tellMore(terminal, items.length);
  });
}

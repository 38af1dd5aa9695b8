import { Option } from "commander";
import { type Box, BoxList } from "#schema/contracts/internal.ts";
import { HEALTH_STATES } from "#schema/domain/health.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { age } from "../age.ts";
import { type ListOf, statusFilter } from "../list.ts";
import { healthOf } from "./get.ts";

export const BOXES: ListOf<"boxes", Box> = {
  things: "boxes",
  answer: BoxList,
  columns: [
    { title: "ID", value: (box) => box.id },
    { title: "STATUS", value: (box) => box.status },
    { title: "HEALTH", value: healthOf },
    { title: "TIER", value: (box) => box.tier },
    { title: "CLUSTER", value: (box) => box.cluster_id },
    { title: "SEEN", value: (box) => age(box.last_seen_at) },
    { title: "AGE", value: (box) => age(box.created_at) },
    { title: "BOT", value: (box) => `@${box.telegram_bot_username}` },
    { title: "CUSTOMER", value: (box) => box.customer_email ?? box.customer_id },
  ],
  filters: [
    statusFilter(BOX_STATUSES),
    { option: new Option("--health <health>", "only those whose agent is so").choices(HEALTH_STATES) },
    { option: new Option("--destroyed", "destroyed ones as well, which are left out otherwise") },
    { option: new Option("--cluster <id>", "only those of this cluster") },
    { option: new Option("--email <email>", "only this customer's") },
    {
      option: new Option("--search <text>", "part of an email or a bot's name, or the beginning of an id"),
      query: "q",
    },
  ],
  defaults: ({ status }) => (status === "destroyed" ? {} : { destroyed: "false" }),
};

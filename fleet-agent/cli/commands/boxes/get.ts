import type { Command } from "commander";
import type { Box } from "#schema/contracts/internal.ts";
import { peopleWords } from "#schema/domain/people.ts";
import { adviceOn } from "#schema/domain/reasons/catalogue.ts";
import { findBox } from "../../operator/find-box.ts";
import { age } from "../age.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "../operator.ts";
import { details } from "../table.ts";
import type { Terminal } from "../terminal.ts";

export const BOX_ARGUMENT = "a box: its id or the beginning of it, its bot (@name) or its customer's email";

export function addGetCommand(boxes: Command, terminal: Terminal): void {
  boxes
    .command("get")
    .description("Show one box")
    .argument("<box>", BOX_ARGUMENT)
    .addOption(jsonOption())
    .action(async (text: string, options: JsonOptions) => {
      const box = await findBox(openOperator(terminal), text);
      answer(terminal, options, box, () => boxDetails(box));
    });
}

export const boxDetails = (box: Box): string =>
  details([
    ["box", box.id],
    ["status", statusOf(box)],
    ["reason", box.status_reason],
    ["health", `${healthOf(box)}, seen ${box.last_seen_at ? `${age(box.last_seen_at)} ago` : "never"}`],
    ["undone", box.change_undone_at && `a change from inside, ${age(box.change_undone_at)} ago (fleet-agent audit)`],
    ["means", adviceOn(box.health_code)?.means],
    ["to do", adviceOn(box.health_code)?.todo],
    ["generation", generationOf(box)],
    ["tier", box.tier],
    ["customer", `${box.customer_email ?? "no email"} (${box.customer_id})`],
    ["bot", `@${box.telegram_bot_username}  ${box.telegram_chat_url}`],
    ["users", peopleWords(box.telegram_users)],
    ["model", `${box.model}, thinking ${box.thinking_level}, language ${box.language}`],
    ["cluster", `${box.cluster_id}, namespace ${box.namespace}`],
    ["token", box.token_last4 && `…${box.token_last4}`],
    ["made", `${box.created_at} (${age(box.created_at)} ago)`],
    ["destroyed", box.destroyed_at],
  ]);

/** `unhealthy (crash_loop)` */
export const healthOf = ({ health, health_code }: Pick<Box, "health" | "health_code">): string =>
  health_code ? `${health} (${health_code})` : health;

const statusOf = ({ status, desired_status }: Box): string =>
  status === desired_status ? status : `${status} (wanted: ${desired_status})`;

const generationOf = ({ generation, observed_generation }: Box): string =>
  generation === observed_generation ? String(generation) : `${generation} (the cluster has ${observed_generation})`;

import * as z from "zod";
import { Box, BoxList } from "#schema/contracts/internal.ts";
import { CommandError, EXIT } from "../commands/exit-codes.ts";
import type { OperatorClient } from "./operator-client.ts";

/**
 * Finds the box that an operator names: by its id or the beginning of it (at least four characters), its namespace, its
 * bot (`@name`) or its customer's email. Throws `CommandError` if there is none or more than one.
 */
export async function findBox(operator: OperatorClient, text: string): Promise<Box> {
  const name = text.trim().replace(/^customer-/, "");
  if (z.uuid().safeParse(name).success) return operator.get(`/internal/boxes/${name}`, Box);
  const { boxes } = await operator.get("/internal/boxes", BoxList, { q: name.replace(/^@/, "") });
  const matching = boxes.filter((box) => matchesName(box, name));
  // Destroyed boxes match only if no other box does.
  const live = matching.filter(({ status }) => status !== "destroyed");
  const [box, another] = live.length > 0 ? live : matching;
  if (!box) {
    throw new CommandError(
      EXIT.notFound,
      `There is no box "${text}". Name it by its id or the beginning of it, its bot (@name) or its customer's email.`,
    );
  }
  if (another)
    throw new CommandError(EXIT.usage, `"${text}" may be several boxes:\n${choices(live.length ? live : matching)}`);
  return box;
}

function matchesName(box: Box, name: string): boolean {
  if (/^[0-9a-f-]{4,36}$/.test(name) && box.id.startsWith(name)) return true;
  const lower = name.toLowerCase();
  if (lower.includes("@") && !lower.startsWith("@")) return box.customer_email === lower;
  return box.telegram_bot_username.toLowerCase() === lower.replace(/^@/, "");
}

const choices = (boxes: readonly Box[]): string =>
  boxes
    .slice(0, 10)
    .map((box) => `  ${box.id}  @${box.telegram_bot_username}  ${box.customer_email ?? box.customer_id}  ${box.status}`)
    .join("\n");

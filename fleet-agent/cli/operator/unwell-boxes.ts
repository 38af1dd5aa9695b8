import { type Box, BoxList } from "#schema/contracts/internal.ts";
import { age } from "../commands/age.ts";
import type { OperatorClient } from "./operator-client.ts";

/** A cluster's boxes that don't serve their customers: unhealthy, or failed. */
export interface UnwellBoxes {
  boxes: Box[];
  /** Whether there are others: only a page of each kind is read. */
  more: boolean;
}

export async function unwellBoxes(operator: OperatorClient, cluster: string): Promise<UnwellBoxes> {
  const page = (query: Record<string, string>) => operator.get("/internal/boxes", BoxList, { cluster, ...query });
  const pages = await Promise.all([page({ health: "unhealthy", destroyed: "false" }), page({ status: "failed" })]);
  const byId = new Map(pages.flatMap(({ boxes }) => boxes).map((box) => [box.id, box]));
  return { boxes: [...byId.values()], more: pages.some(({ next_cursor }) => next_cursor !== null) };
}

/** `@ada_bot (3f2a91c4) is unhealthy (crash_loop) for 7m: its container ends again and again` */
export function unwellText(box: Box, now: number): string {
  const state =
    box.status === "failed"
      ? "has failed"
      : `is ${box.health} (${box.health_code ?? "no code"}) for ${age(box.unhealthy_since, now)}`;
  return `@${box.telegram_bot_username} (${box.id.slice(0, 8)}) ${state}: ${box.status_reason ?? "no reason is known"}`;
}

export const moreUnwell = (cluster: string): string =>
  `more boxes are unwell; \`fleet-agent boxes list --cluster ${cluster} --health unhealthy --all\`.`;

/** The operator's actions on a box, and when they are possible. The edge decides; this only hides what can't work. */
import type { Box } from "#schema/contracts/internal.ts";
import { BOX_TRANSITIONS, canMove, STATUS_WHILE } from "#schema/domain/states.ts";

export const BOX_VERBS = ["suspend", "reactivate", "restart", "destroy"] as const;
export type BoxVerb = (typeof BOX_VERBS)[number];

export const VERB_WORDS: Readonly<Record<BoxVerb, string>> = {
  suspend: "Suspend",
  reactivate: "Reactivate",
  restart: "Restart",
  destroy: "Destroy…",
};

export function verbsFor(box: Pick<Box, "status" | "desired_status">): BoxVerb[] {
  return BOX_VERBS.filter((verb) => {
    if (verb === "reactivate" && box.desired_status !== "suspended") return false;
    if (verb !== "reactivate" && verb !== "destroy" && box.desired_status !== "active") return false;
    return canMove(BOX_TRANSITIONS, box.status, STATUS_WHILE[verb]);
  });
}

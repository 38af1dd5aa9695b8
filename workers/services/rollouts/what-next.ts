import { decide } from "./decide.ts";
import type { Situation } from "./plan.ts";

/** What the next sweep will do, or why it will do nothing, in words. */
export function whatNext(situation: Situation): string {
  const decision = decide(situation);
  switch (decision.kind) {
    case "wait":
      return decision.why;
    case "move":
      return `moves ${decision.boxIds.length} to the new image`;
    case "soak":
      return "begins to soak the wave";
    case "next_wave":
      return "begins the next wave";
    case "finish":
      return "makes the new image the cluster's";
    case "roll_back":
      return `stops and rolls back: ${decision.reason}`;
    case "restore":
      return `brings ${decision.boxIds.length} back to the image before`;
    case "end":
      return `ends: ${decision.status}`;
    default:
      return decision satisfies never;
  }
}

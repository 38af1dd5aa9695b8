import { decide } from "./decide.ts";
import type { Situation } from "./plan.ts";

/** What the next sweep will do, or what it waits for. */
export function whatNext(situation: Situation): string {
  const decision = decide(situation);
  switch (decision.kind) {
    case "wait":
      return decision.why;
    case "move":
      return `moves ${decision.boxIds.length} to the new image`;
    case "soak":
      return "starts the wave's soak";
    case "next_wave":
      return "starts the next wave";
    case "finish":
      return "makes the new image the cluster's default";
    case "roll_back":
      return `stops and rolls back: ${decision.reason}`;
    case "restore":
      return `moves ${decision.boxIds.length} back to the previous image`;
    case "end":
      return `ends: ${decision.status}`;
    default:
      return decision satisfies never;
  }
}

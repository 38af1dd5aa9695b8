/** The faults of a simulation: agents are killed at random, one permanently, while QStash has faults of its own. */
import { setTimeout as delay } from "node:timers/promises";
import { until } from "#tests/harness/until.ts";
import type { Agents } from "./agents.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export interface Kills {
  count: number;
  /** Boxes that were being worked on when their agent was killed. */
  interrupted: number;
}

/** Of a process, before it is killed. */
const DEEDS = 40;
const PAUSE_MS = 3_000;
const PAUSE_SPREAD_MS = 5_000;

/** Kills one agent after another, each when it has done something, and starts it again in its place. */
export async function killAtRandom(agents: Agents, random: Random, signal: AbortSignal): Promise<Kills> {
  const kills = { count: 0, interrupted: 0 };
  for (;;) {
    await delay(PAUSE_MS + random.below(PAUSE_SPREAD_MS), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return kills;
    // On a slow machine an agent that has only just started would never get to work.
    const [first, ...others] = agents.running().filter((place) => agents.deeds(place) >= DEEDS);
    if (first === undefined) continue;
    const place = random.pick([first, ...others]);
    kills.interrupted += await agents.kill(place);
    kills.count += 1;
    agents.start(place);
  }
}

/**
 * Kills an agent while it works on something and leaves it dead. @returns how long it took until somebody else had
 * begun with all of its boxes, in ms.
 */
export async function killForGood(world: World, agents: Agents, place: string): Promise<number> {
  await until("the agent to be at work", () => world.busyAt(place).length > 0, 60_000);
  const boxes = world.busyAt(place);
  await agents.kill(place);
  const from = world.deeds.length;
  const since = Date.now();
  await until(
    "the other agent to take over",
    () => {
      const taken = new Set(world.deeds.slice(from).flatMap((deed) => (deed.kind === "begun" ? [deed.box] : [])));
      return boxes.every((box) => taken.has(box));
    },
    90_000,
  );
  return Date.now() - since;
}

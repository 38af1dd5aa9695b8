import { sleep } from "#cluster/system/retry.ts";
import type { Bell } from "../bell.ts";
import type { BoxHealth } from "../driver.ts";

/** Rings when a box's state or its reason has changed since the last look: nothing else tells of a process's health. */
export async function ringOnChange(
  bell: Bell,
  observe: () => Promise<BoxHealth[]>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  let before = "";
  while (!signal.aborted) {
    const boxes = await observe();
    const now = JSON.stringify(boxes.map(({ box_id, health, code }) => [box_id, health, code]));
    if (now !== before) bell.ring();
    before = now;
    await sleep(everyMs, signal).catch(() => undefined);
  }
}

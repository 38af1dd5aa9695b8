import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { Driver } from "../../drivers/driver.ts";

/** What should be in the cluster, kept up to date between two lists. */
export interface KnownBoxes {
  /** Also undefined while a job writes the box, which then matches neither the old nor the new state. */
  get(boxId: string): ListedBox | undefined;
  /** When the last job ended its writes (ms, performance clock): Infinity while one writes, 0 if there was none. */
  restingSince(boxId: string): number;
  /** Takes a list that was requested at that time (ms, performance clock). Jobs since then are newer than the list. */
  replace(list: readonly ListedBox[], askedAt: number): void;
  /** The same driver, but each job's result is recorded here. */
  learnFrom(driver: Driver): Driver;
}

export function createKnownBoxes(): KnownBoxes {
  let known = new Map<string, ListedBox>();
  const resting = new Map<string, number>();
  const learn = (desired: DesiredBox) => {
    if (desired.status !== "destroyed") known.set(desired.box_id, listed(desired));
  };
  return {
    get: (boxId) => known.get(boxId),
    restingSince: (boxId) => resting.get(boxId) ?? 0,
    replace: (list, askedAt) => {
      const next = new Map(list.map((box) => [box.box_id, better(known.get(box.box_id), box)]));
      for (const [boxId, since] of resting) {
        if (since >= askedAt) keep(known.get(boxId), boxId, next);
        else if (!next.has(boxId)) resting.delete(boxId);
      }
      known = next;
    },
    learnFrom: (driver) => ({
      ...driver,
      reconcile: async (desired, guard, report) => {
        known.delete(desired.box_id);
        resting.set(desired.box_id, Number.POSITIVE_INFINITY);
        try {
          await driver.reconcile(desired, guard, report);
          learn(desired);
        } finally {
          resting.set(desired.box_id, performance.now());
        }
      },
    }),
  };
}

/** The edge lists a box as busy if it has not recorded a job's end yet; without this, it would stay busy until the next list. */
function better(before: ListedBox | undefined, now: ListedBox): ListedBox {
  return now.busy && before?.generation === now.generation ? before : now;
}

function keep(box: ListedBox | undefined, boxId: string, next: Map<string, ListedBox>): void {
  if (box) next.set(boxId, box);
  else next.delete(boxId);
}

/** Without the box's secrets. */
function listed({ customer_id: _, config: __, ...box }: DesiredBox): ListedBox {
  return { ...box, observed_generation: box.generation, busy: false };
}

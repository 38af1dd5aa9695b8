import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { Driver } from "../../drivers/driver.ts";

/** What should be in the cluster, as far as it is known between two lists. */
export interface KnownBoxes {
  /** Undefined too while a job writes it: then the box matches neither what was nor what will be. */
  get(boxId: string): ListedBox | undefined;
  /** When the last job has ended its writes (ms, performance clock): Infinity while one writes, 0 where there was none. */
  restingSince(boxId: string): number;
  /** Takes up a list that was asked for then (ms, performance clock). What a job has done since is newer than the list. */
  replace(list: readonly ListedBox[], askedAt: number): void;
  /** The same driver; what a job has brought a box to is known from then on. */
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

/** A job whose end the edge hasn't heard of makes a box busy there, and it would count as busy until the next list. */
function better(before: ListedBox | undefined, now: ListedBox): ListedBox {
  return now.busy && before?.generation === now.generation ? before : now;
}

function keep(box: ListedBox | undefined, boxId: string, next: Map<string, ListedBox>): void {
  if (box) next.set(boxId, box);
  else next.delete(boxId);
}

/** Without what the box must keep to itself. */
function listed({ customer_id: _, config: __, ...box }: DesiredBox): ListedBox {
  return { ...box, observed_generation: box.generation, busy: false };
}

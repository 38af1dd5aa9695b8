import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { Driver } from "../driver.ts";

/** What should be in the cluster, as far as it is known between two lists. */
export interface KnownBoxes {
  get(boxId: string): ListedBox | undefined;
  replace(list: readonly ListedBox[]): void;
  /** The same driver; what a job has brought a box to is known from then on. */
  learnFrom(driver: Driver): Driver;
}

export function createKnownBoxes(): KnownBoxes {
  let known = new Map<string, ListedBox>();
  const learn = (desired: DesiredBox) => {
    if (desired.status === "destroyed") known.delete(desired.box_id);
    else known.set(desired.box_id, listed(desired));
  };
  return {
    get: (boxId) => known.get(boxId),
    replace: (list) => {
      known = new Map(list.map((box) => [box.box_id, box]));
    },
    learnFrom: (driver) => ({
      ...driver,
      reconcile: async (desired, guard, report) => {
        // While the job writes, the box matches neither what was nor what will be.
        known.delete(desired.box_id);
        await driver.reconcile(desired, guard, report);
        learn(desired);
      },
    }),
  };
}

/** Without what the box must keep to itself. */
function listed({ customer_id: _, config: __, ...box }: DesiredBox): ListedBox {
  return { ...box, observed_generation: box.generation, busy: false };
}

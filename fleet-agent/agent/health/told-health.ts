import type { BoxHealth } from "../../drivers/driver.ts";

/** The last health of each box that the edge accepted. */
export interface Told {
  /** Boxes whose health has changed, and known boxes without a pod. */
  news(seen: readonly BoxHealth[]): BoxHealth[];
  took(boxes: readonly BoxHealth[]): void;
}

const GONE = { health: "unknown", code: null, reason: "the box has no pod", restarts: 0 } as const;

export function createTold(): Told {
  const told = new Map<string, string>();
  return {
    news: (seen) => {
      const present = new Set(seen.map(({ box_id }) => box_id));
      const gone = [...told.keys()].filter((id) => !present.has(id)).map((box_id) => ({ box_id, ...GONE }));
      return [...seen, ...gone].filter((box) => told.get(box.box_id) !== inWords(box));
    },
    took: (boxes) => {
      for (const box of boxes) {
        if (box.reason === GONE.reason) told.delete(box.box_id);
        else told.set(box.box_id, inWords(box));
      }
    },
  };
}

const inWords = ({ health, code, reason, restarts }: BoxHealth): string =>
  [health, code ?? "", restarts ?? 0, reason ?? ""].join(" ");

import type { BoxHealth } from "../../drivers/driver.ts";

/** What the edge was told of each box, and took. */
export interface Told {
  /** Boxes that are otherwise than it knows, and those that it knows and that have no pod any more. */
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

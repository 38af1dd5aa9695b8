/**
 * How a fleet-agent learns what should be in its cluster, and tells what it finds instead, on `/fleet/*`: all boxes every
 * ten minutes, one box when something of it changes. No secret is in any of it.
 */
import * as z from "zod";
import { DesiredBox } from "./fleet.ts";
import { count, storable } from "./parts.ts";

/** A box's desired state, without its secrets. */
export const ListedBox = DesiredBox.omit({ customer_id: true, config: true }).extend({
  observed_generation: z.int(),
  /** It has a queued or running job, or needs an operator: it need not match. */
  busy: z.boolean(),
});
export type ListedBox = z.infer<typeof ListedBox>;

/** `GET /fleet/boxes?cursor=`: the cluster's boxes that are not destroyed, by id, a thousand at a time. */
export const ListedBoxes = z.object({
  boxes: z.array(ListedBox).max(1_000),
  next_cursor: z.uuid().nullable(),
  /** The number of boxes on all pages. */
  total: z.int(),
});
export type ListedBoxes = z.infer<typeof ListedBoxes>;

/** What of a box has drifted, in words. */
export const Drift = z.strictObject({
  box_id: z.uuid(),
  /** The generation compared with: a report on an older one is ignored. */
  generation: z.int(),
  found: z.array(storable(200)).min(1).max(20),
});
export type Drift = z.infer<typeof Drift>;

/** `POST /fleet/drift`: each of these boxes gets a repair job, unless it has a job or had too many repairs lately. */
export const DriftReport = z.strictObject({ boxes: z.array(Drift).min(1).max(200) });
export type DriftReport = z.infer<typeof DriftReport>;

/**
 * `repairing`: a job was made. `busy`: it has one, or a person has to look. `later`: report it again. `stale`: it should be
 * otherwise by now, or is none of this cluster's.
 */
export const DriftVerdict = z.enum(["repairing", "busy", "later", "stale"]);
export const DriftAnswer = z.object({ boxes: z.array(z.object({ box_id: z.uuid(), verdict: DriftVerdict })) });
export type DriftAnswer = z.infer<typeof DriftAnswer>;

/** `POST /fleet/comparison`: at the end of each full comparison. */
export const ComparisonReport = z.strictObject({
  /** Boxes that are in the cluster. */
  present: count,
  /** Those of them that are not in the list. */
  strays: z.array(z.uuid()).max(20_000),
  /** Boxes that the agent would write differently today, because of another version or other settings. */
  outdated: z.array(z.uuid()).max(10_000),
  figures: z.strictObject({
    boxes: count,
    missing: count,
    differing: count,
    seconds: z.number().min(0),
  }),
});
export type ComparisonReport = z.infer<typeof ComparisonReport>;

/** What happens to the strays. Only boxes that are recorded as destroyed are ever removed. */
export const ComparisonAnswer = z.object({
  /** Get a destroy job. */
  removing: count,
  /** Too many at once: held back until an operator confirms. */
  held_back: count,
  /** Without a row: an operator has to check. */
  unknown: count,
});
export type ComparisonAnswer = z.infer<typeof ComparisonAnswer>;

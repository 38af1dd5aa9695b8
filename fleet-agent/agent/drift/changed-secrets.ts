import type { Drift, ListedBox } from "#schema/contracts/comparison.ts";
import type { ClusterView } from "../../drivers/cluster-view.ts";
import type { SecretCheck } from "../../drivers/driver.ts";
import type { Logger } from "../../log.ts";
import type { KnownBoxes } from "./known-boxes.ts";

export interface SecretsOptions {
  view: ClusterView;
  known: Pick<KnownBoxes, "restingSince">;
  secretChanged: SecretCheck;
  log: Logger;
  signal: AbortSignal;
  /** How long after a job the view surely has its writes. */
  settledMs?: number;
}

/** Requests at the same time. Few, because customers' jobs go first. */
const AT_ONCE = 4;

/**
 * The boxes whose Secret somebody else has changed. One request a box, because Secrets can't be
 * watched without the right to read all of them.
 */
export async function changedSecrets(options: SecretsOptions, boxes: readonly ListedBox[]): Promise<Drift[]> {
  const found: Drift[] = [];
  const failures: unknown[] = [];
  const queue = boxes.values();
  const work = async () => {
    for (const box of queue) {
      if (options.signal.aborted) return;
      const changed = await isChanged(options, box).catch((error: unknown) => void failures.push(error));
      const { box_id, generation } = box;
      if (changed) found.push({ box_id, generation, found: ["Secret: was changed"] });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0 && !options.signal.aborted)
    options.log.warn({ boxes: failures.length, err: failures[0] }, "Secrets could not be checked");
  return found;
}

/** Skips boxes that a job writes to, or has just written to: the version in view may be outdated. */
async function isChanged(options: SecretsOptions, box: ListedBox): Promise<boolean> {
  const { view, known, secretChanged, settledMs = 5_000 } = options;
  const versionNow = () => view.object("Deployment", box.box_id)?.secretVersion;
  const isResting = (since: number) => known.restingSince(box.box_id) + settledMs <= since;
  const [version, startedAt] = [versionNow(), performance.now()];
  if (version === undefined || !isResting(startedAt)) return false;
  return (await secretChanged(box, version)) && isResting(startedAt) && versionNow() === version;
}

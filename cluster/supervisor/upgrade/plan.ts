import { isNewer } from "../state/openclaw-version.ts";
import type { StateRecord } from "./state-record.ts";

export type Plan =
  | { do: "nothing" }
  /** Copy the state before this version migrates it. */
  | { do: "keep"; as: string }
  /** Replace the state by the copy that this version can read. */
  | { do: "go back"; copy: string }
  | { do: "refuse"; why: string };

/**
 * What has to happen to the state before this version of OpenClaw starts. A newer one migrates it for good, and an older
 * one can't read what the newer one wrote.
 */
export function planStart(version: string, record: StateRecord, memory: string | null): Plan {
  if (record.version === version) return { do: "nothing" };
  if (!isNewer(record.version, version)) return { do: "keep", as: record.version };
  const copies = Object.keys(record.kept).filter((copy) => !isNewer(copy, version));
  const copy = copies.sort((a, b) => (isNewer(a, b) ? -1 : 1))[0];
  const words = `OpenClaw ${record.version} wrote this box's memory, and ${version} can't read it`;
  if (copy === undefined) return { do: "refuse", why: `${words}: there is no earlier copy. ${ADVICE}` };
  if (record.kept[copy] !== memory)
    return {
      do: "refuse",
      why: `${words}: the earlier copy is of another memory, because a backup was restored since. ${ADVICE}`,
    };
  return { do: "go back", copy };
}

const ADVICE = "Give the box the newer image again, or restore a backup that the older one made";

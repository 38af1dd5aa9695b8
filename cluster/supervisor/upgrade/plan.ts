import { isNewer } from "../state/openclaw-version.ts";
import type { StateRecord } from "./state-record.ts";

export type Plan =
  | { do: "nothing" }
  /** A copy of the state before this version migrates it. */
  | { do: "keep"; as: string }
  /** The copy that this version can read takes the state's place. */
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
  if (copy === undefined) return { do: "refuse", why: `${words}: there is no copy from before. ${ADVICE}` };
  if (record.kept[copy] !== memory)
    return {
      do: "refuse",
      why: `${words}: the copy from before is of another memory, a backup was put back since. ${ADVICE}`,
    };
  return { do: "go back", copy };
}

const ADVICE = "Give the box the newer image again, or put back a backup that the older one made";

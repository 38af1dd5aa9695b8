import { NAME } from "#fleet-agent/drivers/desired/metadata.ts";
import { kubectl } from "#tests/harness/cluster.ts";

/** What a container has used of its memory; MiB but for the count. */
export interface PodMemory {
  /** The most it was charged with since it started: the kernel's cache of files it has read is in it, and fills up to the limit. */
  peakMib: number;
  limitMib: number;
  /** What it holds now that the kernel could not drop: heaps and stacks. */
  heldMib: number;
  /** Processes the kernel has killed in it for want of memory. */
  killed: number;
}

/** The kernel's files about a container's own memory (control groups of version 2, otherwise 1): peak, limit, held, killed. */
const V2 =
  "cd /sys/fs/cgroup && cat memory.peak memory.max && grep '^anon ' memory.stat && grep '^oom_kill ' memory.events";
const V1 = [
  "cd /sys/fs/cgroup/memory && cat memory.max_usage_in_bytes memory.limit_in_bytes",
  "grep '^total_rss ' memory.stat && grep '^oom_kill ' memory.oom_control",
].join(" && ");

export async function memoryOf(namespace: string): Promise<PodMemory> {
  const script = `if [ -f /sys/fs/cgroup/memory.peak ]; then ${V2}; else ${V1}; fi`;
  return parseMemory(await kubectl(["exec", "-n", namespace, `deploy/${NAME}`, "--", "sh", "-c", script]));
}

/** @throws when a figure is missing. */
export function parseMemory(told: string): PodMemory {
  const [peak, limit, held, killed] = told.match(/\d+/g)?.map(Number) ?? [];
  if (peak === undefined || limit === undefined || held === undefined || killed === undefined) {
    throw new Error(`The container does not tell its memory: ${told.slice(0, 100)}`);
  }
  const [peakMib, limitMib, heldMib] = [mib(peak), mib(limit), mib(held)];
  return { peakMib, limitMib, heldMib, killed };
}

const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);

import { NAME } from "#fleet-agent/desired/metadata.ts";
import { kubectl } from "#tests/harness/cluster.ts";

/** MiB. */
export interface PodMemory {
  peakMib: number;
  limitMib: number;
}

/** Where the kernel tells a container of its own memory: control groups of version 2, and of version 1. */
const FILES = [
  ["/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory.max"],
  ["/sys/fs/cgroup/memory/memory.max_usage_in_bytes", "/sys/fs/cgroup/memory/memory.limit_in_bytes"],
] as const;

/** The most that the box's container has used since it started, and what it may use. */
export async function memoryOf(namespace: string): Promise<PodMemory> {
  const script = FILES.map(([peak, limit]) => `cat ${peak} ${limit} 2>/dev/null`).join(" || ");
  const told = await kubectl(["exec", "-n", namespace, `deploy/${NAME}`, "--", "sh", "-c", script]);
  const [peak = Number.NaN, limit = Number.NaN] = told.trim().split(/\s+/).map(Number);
  if (!Number.isFinite(peak)) throw new Error(`The container does not tell its memory: ${told.slice(0, 100)}`);
  return { peakMib: Math.round(peak / 2 ** 20), limitMib: Math.round(limit / 2 ** 20) };
}

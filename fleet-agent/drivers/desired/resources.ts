import type { TierId } from "#schema/domain/tiers.ts";
import { TIERS } from "#schema/domain/tiers.ts";

/** MiB of the container's own layer, its logs and /tmp. */
const SCRATCH = { requestMi: 128, limitMi: 1_024 };

/** Kubernetes quantities by resource. */
export type Amounts = Record<"cpu" | "memory" | "ephemeral-storage", string>;

/** The requests and limits of the gateway's container. */
export function containerResources(tier: TierId): { requests: Amounts; limits: Amounts } {
  const { cpu, memory } = TIERS[tier];
  return {
    requests: amounts(cpu.requestMilli, memory.requestMi, SCRATCH.requestMi),
    limits: amounts(cpu.limitMilli, memory.limitMi, SCRATCH.limitMi),
  };
}

export const amounts = (cpuMilli: number, memoryMi: number, scratchMi: number): Amounts => ({
  cpu: `${cpuMilli}m`,
  memory: `${memoryMi}Mi`,
  "ephemeral-storage": `${scratchMi}Mi`,
});

/** The smallest container that may share the namespace, such as one that copies the volume away. */
export const HELPER = { cpuMilli: 100, memoryMi: 128, scratchMi: 128 };

/**
 * Room for one gateway and one helper, but not for a second gateway, which would compete with the first
 * for the bot's updates.
 */
export function quotaAmounts(tier: TierId): { requests: Amounts; limits: Amounts } {
  const { cpu, memory } = TIERS[tier];
  const withHelper = (cpuMilli: number, memoryMi: number, scratchMi: number) =>
    amounts(cpuMilli + HELPER.cpuMilli, memoryMi + HELPER.memoryMi, scratchMi + HELPER.scratchMi);
  return {
    requests: withHelper(cpu.requestMilli, memory.requestMi, SCRATCH.requestMi),
    limits: withHelper(cpu.limitMilli, memory.limitMi, SCRATCH.limitMi),
  };
}

/**
 * V8's limits for a container of `limitMi` MiB. Measured with the real gateway: 640/8 fits in 1,536 MiB, 384/4 just
 * fits in 1,024; the rest of the memory is native (SQLite, buffers, compiled code).
 */
export function nodeOptions(limitMi: number): string {
  const oldSpaceMi = Math.floor((limitMi * 5) / 12);
  const semiSpaceMi = limitMi >= 1_536 ? 8 : 4;
  return `--max-old-space-size=${oldSpaceMi} --max-semi-space-size=${semiSpaceMi}`;
}

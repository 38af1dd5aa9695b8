/** How many boxes a cluster's nodes can hold by what their pods ask for. Pure. */
import * as z from "zod";

/** What a pod requests: thousandths of a core, MiB. */
export interface Share {
  cpuMilli: number;
  memoryMi: number;
}

const Resources = z.object({ cpu: z.string().optional(), memory: z.string().optional() });

export const Nodes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ unschedulable: z.boolean().optional() }),
      status: z.object({ allocatable: Resources }),
    }),
  ),
});

export const Pods = z.object({
  items: z.array(
    z.object({
      spec: z.object({
        nodeName: z.string().optional(),
        containers: z.array(z.object({ resources: z.object({ requests: Resources.optional() }).optional() })),
      }),
      status: z.object({ phase: z.string().optional() }),
    }),
  ),
});

/** What is left on each node that takes pods. */
export function freeShares(nodes: z.infer<typeof Nodes>, pods: z.infer<typeof Pods>): Share[] {
  const alive = pods.items.filter(({ status }) => status.phase !== "Succeeded" && status.phase !== "Failed");
  return nodes.items
    .filter(({ spec }) => !spec.unschedulable)
    .map(({ metadata, status }) => {
      const free = shareOf(status.allocatable);
      const here = alive.filter(({ spec }) => spec.nodeName === metadata.name);
      for (const { resources } of here.flatMap(({ spec }) => spec.containers)) {
        const taken = shareOf(resources?.requests ?? {});
        free.cpuMilli -= taken.cpuMilli;
        free.memoryMi -= taken.memoryMi;
      }
      return free;
    });
}

export const roomFor = (free: readonly Share[], box: Share): number =>
  free.reduce((sum, { cpuMilli, memoryMi }) => sum + Math.max(0, fits(cpuMilli, memoryMi, box)), 0);

const fits = (cpuMilli: number, memoryMi: number, box: Share): number =>
  Math.floor(Math.min(cpuMilli / box.cpuMilli, memoryMi / box.memoryMi));

/** The most CPU that this many boxes may request and still fit at once; undefined if less CPU doesn't help. */
export function cpuThatFits(free: readonly Share[], box: Share, count: number): number | undefined {
  for (let cpuMilli = box.cpuMilli; cpuMilli >= 1; cpuMilli--) {
    if (roomFor(free, { ...box, cpuMilli }) >= count) return cpuMilli;
  }
  return undefined;
}

const UNITS: Record<string, number> = { "": 2 ** -20, Ki: 2 ** -10, Mi: 1, Gi: 2 ** 10, Ti: 2 ** 20 };

/** Kubernetes' quantities, as far as nodes and pods use them: `250m`, `2`, `10k`; `24581684Ki`. */
function shareOf({ cpu = "0", memory = "0" }: z.infer<typeof Resources>): Share {
  return { cpuMilli: quantity(cpu, { m: 1, "": 1_000, k: 1_000_000 }), memoryMi: quantity(memory, UNITS) };
}

function quantity(text: string, units: Record<string, number>): number {
  const [, amount, unit = ""] = /^([0-9.]+)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = units[unit];
  if (amount === undefined || factor === undefined) throw new Error(`${text} is no quantity that is understood here`);
  return Number(amount) * factor;
}

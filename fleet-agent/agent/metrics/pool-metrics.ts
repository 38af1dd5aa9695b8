import { Gauge, type Registry } from "prom-client";
import type { PoolFigures } from "#schema/contracts/pool.ts";
import { hitRate, POOL_WINDOW_DAYS, poolCost } from "#schema/domain/pool.ts";

const MEBIBYTE = 1_048_576;

/** The warm pool by tier: its size, ready boxes, hit ratio and cost. */
export function poolMetrics(registry: Registry): (figures: readonly PoolFigures[]) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `fleet_agent_pool_${name}`, help, labelNames: ["tier"], registers: [registry] });
  const asked = new Gauge({
    name: "fleet_agent_pool_provisions",
    help: `Provisions of the last ${POOL_WINDOW_DAYS} days that found a box in the pool (hit) or none (miss).`,
    labelNames: ["tier", "result"],
    registers: [registry],
  });
  const size = gauge("size", "Boxes without an owner that should be ready.");
  const ready = gauge("ready_boxes", "Boxes without an owner that can be adopted now.");
  const boxes = gauge("boxes", "All boxes without an owner.");
  const rate = gauge(
    "hit_ratio",
    `Share of the last ${POOL_WINDOW_DAYS} days' provisions that found a box in the pool.`,
  );
  const memory = gauge("requested_memory_bytes", "Memory that boxes without an owner request.");
  const cpu = gauge("requested_cpu_cores", "CPU that boxes without an owner request.");
  return (figures) => {
    for (const one of [size, ready, boxes, rate, memory, cpu, asked]) one.reset();
    for (const { tier, ...figure } of figures) {
      const cost = poolCost(tier, figure.boxes);
      const ratio = hitRate(figure.hits, figure.misses);
      size.set({ tier }, figure.size);
      ready.set({ tier }, figure.ready);
      boxes.set({ tier }, figure.boxes);
      memory.set({ tier }, cost.memory_mi * MEBIBYTE);
      cpu.set({ tier }, cost.cpu_milli / 1_000);
      asked.set({ tier, result: "hit" }, figure.hits);
      asked.set({ tier, result: "miss" }, figure.misses);
      if (ratio !== null) rate.set({ tier }, ratio);
    }
  };
}

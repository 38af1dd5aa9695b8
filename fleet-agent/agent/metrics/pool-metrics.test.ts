import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { poolMetrics } from "./pool-metrics.ts";

const lines = async (registry: Registry) =>
  (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("a pool is told by tier, with what it takes; one that is gone is not told any more", async () => {
  const registry = new Registry();
  const tell = poolMetrics(registry);
  tell([
    { tier: "starter", size: 3, ready: 2, boxes: 4, hits: 3, misses: 1 },
    { tier: "team", size: 1, ready: 0, boxes: 0, hits: 0, misses: 0 },
  ]);
  expect(await lines(registry)).toEqual(
    expect.arrayContaining([
      'fleet_agent_pool_size{tier="starter"} 3',
      'fleet_agent_pool_ready_boxes{tier="starter"} 2',
      'fleet_agent_pool_boxes{tier="starter"} 4',
      'fleet_agent_pool_hit_ratio{tier="starter"} 0.75',
      'fleet_agent_pool_provisions{tier="starter",result="miss"} 1',
      `fleet_agent_pool_requested_memory_bytes{tier="starter"} ${4 * 512 * 2 ** 20}`,
      'fleet_agent_pool_requested_cpu_cores{tier="starter"} 1',
      'fleet_agent_pool_size{tier="team"} 1',
    ]),
  );
  expect((await lines(registry)).filter((line) => line.startsWith('fleet_agent_pool_hit_ratio{tier="team'))).toEqual(
    [],
  );
  tell([]);
  expect((await lines(registry)).filter((line) => line.includes("tier="))).toEqual([]);
});

import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { newId } from "#schema/domain/ids.ts";

/** A box of its own for each test. */
export function sampleBox(more: Partial<DesiredBox> = {}): DesiredBox {
  const box_id = more.box_id ?? newId();
  return {
    box_id,
    customer_id: newId(),
    generation: 3,
    fence: 7,
    status: "active",
    tier: "starter",
    restart_token: "r1",
    config: sampleConfig({ box_id, generation: 3 }),
    ...more,
  };
}

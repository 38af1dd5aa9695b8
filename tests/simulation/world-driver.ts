/** A driver that builds boxes in the simulated world: quick mostly, slow or failing now and then. */

import { sleep } from "#cluster/system/retry.ts";
import { type Driver, DriverFailure } from "#fleet-agent/drivers/driver.ts";
import { type LeaseGuard, LeaseLost } from "#fleet-agent/lease.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { Random } from "./random.ts";
import type { BoxState, Told } from "./world.ts";

/** The shares of slow jobs, and of jobs with a temporary failure. */
const SLOW = 0.02;
const FAILING = 0.005;

export function createWorldDriver(options: { url: string; agent: string; random: Random }): Driver {
  const { url, agent, random } = options;

  const tell = async (told: Told): Promise<BoxState> => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(told) });
    return (await response.json()) as BoxState;
  };

  const build = async (desired: DesiredBox, guard: LeaseGuard): Promise<void> => {
    const { box_id: box, fence, generation, status } = desired;
    const deed = { agent, box, fence };
    guard.check();
    const is = await tell({ kind: "begun", ...deed, generation, status });
    const changed = is.generation !== generation || is.status !== status;
    await sleep(random.chance(SLOW) ? 1_000 + random.below(3_000) : random.below(10), guard.signal);
    if (random.chance(FAILING)) throw new DriverFailure(TROUBLE);
    if (changed) {
      guard.check();
      await tell({ kind: "wrote", ...deed });
    }
    guard.check();
    await tell({ kind: "ended", ...deed, generation, status, changed });
  };

  return {
    async reconcile(desired, guard) {
      const { box_id: box, fence } = desired;
      await build(desired, guard).catch(async (error: unknown) => {
        if (!(error instanceof LeaseLost) && !(error instanceof DriverFailure)) throw error;
        await tell({ kind: "left", agent, box, fence });
        throw error;
      });
    },
    observe: async () => [],
    stop: async () => undefined,
  };
}

const TROUBLE = { code: "timeout", message: "The world was in bad weather.", retryable: true } as const;

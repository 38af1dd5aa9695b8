/**
 * The sweep is killed before and after each of its statements, one in each run; the next one goes on. Whatever was cut off, the
 * rollout ends as it does without, and no box gets a job more.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import { StartRolloutRequest } from "#schema/contracts/rollouts.ts";
import type { Ctx } from "../../context.ts";
import { advanceRollout } from "./advance.ts";
import { findRollout } from "./load.ts";
import { startRollout } from "./start.ts";
import { type Fleet, makeFleet } from "./testing/fleet.ts";

let standIn: TestNeon;
beforeAll(async () => {
  standIn = await overPglite();
});
afterAll(() => standIn.close());

class Killed extends Error {}

/**
 * The same context, whose sweep dies at its nth statement, once: before it, or when it is done and nobody has heard of it.
 * A dead sweep asks nothing more; `next` begins another.
 */
function dying(ctx: Ctx, at: number, when: "before" | "after") {
  let [count, died, dead] = [0, false, false];
  const guard =
    <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (dead) throw new Killed();
      count += 1;
      const dies = count === at;
      if (dies) [died, dead] = [true, true];
      if (dies && when === "before") throw new Killed();
      const result = await run(...args);
      if (dies) throw new Killed();
      return result;
    };
  const db = new Proxy(ctx.db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      // A batch takes its statements unsent, so only what is sent by itself is counted.
      if (name === "batch" && typeof value === "function") return guard(value.bind(target));
      if (name !== "execute" || typeof value !== "function") return value;
      return (...args: unknown[]) =>
        lazily(() => guard(async () => value.apply(target, args))(), value.apply(target, args));
    },
  });
  const next = () => {
    dead = false;
  };
  return { ctx: { ...ctx, db }, died: () => died, next };
}

/** What `execute` gives, for a batch; and, where it is awaited, the guarded call instead. */
function lazily<T extends object>(run: () => Promise<unknown>, built: T): T {
  return new Proxy(built, {
    get(target, name) {
      if (name === "then") return (...then: Parameters<Promise<unknown>["then"]>) => run().then(...then);
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A whole rollout to two boxes; what came out, without the ids. */
async function rollOut(how: "well" | "unhealthy", at: number, when: "before" | "after") {
  const fleet = await makeFleet(standIn);
  const [old, next] = [await fleet.image(), await fleet.image("2026.10.0")];
  await fleet.query("update clusters set image_id = $2 where id = $1", [fleet.cluster, old]);
  await fleet.boxes(2);
  const settings = { image: next, cluster_id: fleet.cluster, canary_percent: 50, waves: [100], soak_seconds: 0 };
  const { id } = await startRollout({ ctx: fleet.ctx, input: StartRolloutRequest.parse(settings) });
  const { ctx, died, next: nextSweep } = dying(fleet.ctx, at, when);
  for (let minute = 0; minute < 40; minute++) {
    if ((await findRollout(fleet.ctx, id)).finishedAt) return { ended: await outcome(fleet, id, next), died: died() };
    nextSweep();
    await advanceRollout(ctx, id).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    await fleet.work(how === "well" ? undefined : { image: next, how });
  }
  throw new Error(`a rollout that was cut off ${when} its statement ${at} never ends`);
}

async function outcome(fleet: Fleet, id: string, next: string) {
  const images = await fleet.images();
  const jobs = await fleet.query(
    "select status, count(*)::int as count from operator_jobs where cluster_id = $1 group by status order by status",
    [fleet.cluster],
  );
  const { status, wave } = await findRollout(fleet.ctx, id);
  return { status, wave, onNew: images.filter((image) => image === next).length, jobs };
}

const NEVER = 10_000;

describe.each(["well", "unhealthy"] as const)("an image that does %s", (how) => {
  test.each(["before", "after"] as const)(
    "ends the same, whichever statement the sweep dies %s",
    { timeout: 120_000 },
    async (when) => {
      const { ended } = await rollOut(how, NEVER, when);
      expect(ended.status).toBe(how === "well" ? "succeeded" : "rolled_back");
      let points = 0;
      for (let at = 1; ; at++) {
        const cut = await rollOut(how, at, when);
        if (!cut.died) break;
        points += 1;
        expect(cut.ended, `cut off ${when} statement ${at}`).toEqual(ended);
      }
      expect(points).toBeGreaterThan(5);
    },
  );
});

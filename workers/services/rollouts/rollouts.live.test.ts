/** Whole rollouts on PGlite or (TEST_POSTGRES_URL) a real PostgreSQL, with boxes that an agent of statements brings up. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestNeon, testBackend } from "#cluster/local/neon/testing/test-neon.ts";
import { StartRolloutRequest } from "#schema/contracts/rollouts.ts";
import { advanceRollout, advanceRollouts } from "./advance.ts";
import { getRollout } from "./get.ts";
import { findRollout } from "./load.ts";
import { moveBox } from "./move-box.ts";
import { startRollout } from "./start.ts";
import { abortRollout, pauseRollout, resumeRollout } from "./stop.ts";
import { type Fleet, makeFleet } from "./testing/fleet.ts";
import { rollBack } from "./transition.ts";

const QUICK = { canary_percent: 10, waves: [50, 100], soak_seconds: 60, max_concurrent: 50 };

const { name, start: startNeon } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`rollouts on ${name}`, () => {
  let standIn: TestNeon;
  let fleet: Fleet;
  let [old, next] = ["", ""];
  beforeAll(async () => {
    standIn = await startNeon();
  });
  afterAll(() => standIn.close());
  beforeEach(async () => {
    fleet = await makeFleet(standIn);
    [old, next] = [await fleet.image(), await fleet.image("2026.10.0")];
    await fleet.query("update clusters set image_id = $2 where id = $1", [fleet.cluster, old]);
  });

  const start = async (more: object = {}): Promise<string> => {
    const input = StartRolloutRequest.parse({ image: next, cluster_id: fleet.cluster, ...QUICK, ...more });
    return (await startRollout({ ctx: fleet.ctx, input })).id;
  };
  const get = (rolloutId: string) => getRollout({ ctx: fleet.ctx, input: { rolloutId } });

  /** Sweeps and an agent, a minute at a time, until the rollout ends. */
  async function untilOver(id: string, bad?: Parameters<Fleet["work"]>[0]): Promise<string> {
    for (let minute = 0; minute < 60; minute++) {
      const { status } = await findRollout(fleet.ctx, id);
      if (status === "succeeded" || status === "rolled_back") return status;
      await advanceRollout(fleet.ctx, id);
      await fleet.work(bad);
      fleet.clock.now += 61_000;
      await fleet.query("update clusters set last_seen_at = $2 where id = $1", [
        fleet.cluster,
        new Date(fleet.clock.now),
      ]);
    }
    throw new Error(`not over: ${JSON.stringify(await get(id))}`);
  }
  const over = async (what: string) => expect(new Set(await fleet.images())).toEqual(new Set([what]));

  test("a good image gets to every box in waves, suspended ones too, and becomes the cluster's", async () => {
    await fleet.boxes(18);
    await fleet.boxes(2, "suspended");
    const id = await start();
    await advanceRollout(fleet.ctx, id);
    expect(await get(id)).toMatchObject({
      wave: 0,
      boxes: { all: 20, running: 18, on_new: 1 },
      waves: [{ moving: 1 }, {}, {}],
    });
    expect(fleet.told.offers).toMatchObject([{ boxId: expect.any(String), seq: expect.any(Number) }]);
    expect(await untilOver(id)).toBe("succeeded");
    await over(next);
    const done = await get(id);
    expect(done.waves.map(({ moved, settled }) => [moved, settled])).toEqual([
      [1, 1],
      [8, 8],
      [11, 11],
    ]);
    const [cluster] = await fleet.query("select image_id from clusters where id = $1", [fleet.cluster]);
    expect(cluster?.image_id).toBe(next);
    const statuses = await fleet.query("select distinct status from boxes where cluster_id = $1 order by 1", [
      fleet.cluster,
    ]);
    expect(statuses.map(({ status }) => status)).toEqual(["active", "suspended"]);
  });

  test.each(["fails", "unhealthy"] as const)(
    "an image that %s never leaves the canary, and its boxes go back",
    async (how) => {
      await fleet.boxes(20);
      const id = await start();
      expect(await untilOver(id, { image: next, how })).toBe("rolled_back");
      await over(old);
      const { waves, reason, stopped_by } = await get(id);
      expect(waves.map(({ moved }) => moved)).toEqual([2, 0, 0]);
      expect(stopped_by).toBe("system");
      expect(reason).toContain(
        how === "fails" ? "2 boxes could not be moved to the new image" : "2 of 2 boxes on the new image are unhealthy",
      );
      expect(reason).toContain(how === "fails" ? "the gateway keeps exiting" : "Telegram is not working");
      const sick = await fleet.query(
        "select id from boxes join box_health on box_id = id where cluster_id = $1 and state <> 'healthy'",
        [fleet.cluster],
      );
      expect(sick).toEqual([]);
    },
  );

  test("an abort turns round what is on its way: the job that moves it is ended, its agent told to stop", async () => {
    await fleet.boxes(4);
    const id = await start();
    await advanceRollout(fleet.ctx, id);
    const [moving] = fleet.told.offers;
    await fleet.query("update operator_jobs set status = 'running', lease_until = now() where id = $1", [
      moving?.jobId,
    ]);
    await abortRollout({ ctx: fleet.ctx, input: { rolloutId: id, reason: "wrong notes" } });
    await advanceRollout(fleet.ctx, id);
    expect(fleet.told.aborts).toEqual([moving?.jobId]);
    const jobs = await fleet.query("select status from operator_jobs where box_id = $1 order by seq", [moving?.boxId]);
    expect(jobs.map(({ status }) => status)).toEqual(["superseded", "queued"]);
    expect(await get(id)).toMatchObject({ status: "rolling_back", reason: "aborted by system: wrong notes" });
    expect(await untilOver(id)).toBe("rolled_back");
    await over(old);
  });

  test("a paused one moves nothing, and goes on where it was; a wrong change is told in words", async () => {
    await fleet.boxes(4);
    const id = await start();
    const call = { ctx: fleet.ctx, input: { rolloutId: id } };
    expect((await pauseRollout(call)).status).toBe("paused");
    expect((await pauseRollout(call)).status).toBe("paused");
    expect(await advanceRollout(fleet.ctx, id)).toMatchObject({ kind: "wait" });
    await over(old);
    expect((await resumeRollout(call)).status).toBe("running");
    expect(await untilOver(id)).toBe("succeeded");
    await expect(abortRollout(call)).rejects.toThrow(
      "has succeeded: to go back, start a rollout to the previous image",
    );
  });

  test("a cluster has one rollout at a time, and none to the image that it has", async () => {
    await fleet.boxes(1);
    await start();
    await expect(start()).rejects.toThrow();
    await expect(start({ image: old })).rejects.toThrow("already has this image");
    await expect(start({ image: "localhost/none:1" })).rejects.toThrow("is not registered");
    await expect(start({ cluster_id: "nowhere" })).rejects.toThrow("Name one of the clusters");
  });

  test("a box that is made meanwhile gets the image before, and the new one at the end", async () => {
    await fleet.boxes(3);
    const id = await start();
    await advanceRollout(fleet.ctx, id);
    const [young] = await fleet.boxes(1);
    await fleet.query("update boxes set created_at = now() + interval '1 hour' where id = $1", [young]);
    const imageOf = async () => (await fleet.query("select image_id from boxes where id = $1", [young]))[0]?.image_id;
    expect(await imageOf()).toBe(old);
    expect(await untilOver(id)).toBe("succeeded");
    await over(next);
    await fleet.boxes(1);
    await over(next);
  });

  test("a box with work of its own is moved when that is through; one that is to be destroyed never", async () => {
    const [busy] = await fleet.boxes(1);
    const [toRemove] = await fleet.boxes(1);
    await fleet.query("update boxes set desired_status = 'destroyed' where id = $1", [toRemove]);
    await fleet.query(
      "insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by) values (gen_random_uuid(), $1, $2, 'restart', 1, 'test')",
      [busy, fleet.cluster],
    );
    const id = await start();
    const rollout = await findRollout(fleet.ctx, id);
    expect(await moveBox(fleet.ctx, rollout, busy ?? "")).toBeUndefined();
    expect(await untilOver(id)).toBe("succeeded");
    const types = await fleet.query("select type, status from operator_jobs where box_id = $1 order by seq", [busy]);
    expect(types).toEqual([
      { type: "restart", status: "succeeded" },
      { type: "update", status: "succeeded" },
    ]);
    expect(new Set(await fleet.images())).toEqual(new Set([old, next]));
  });

  test("no box is moved by a decision that an operator's abort, or another sweep, has overtaken", async () => {
    const [box = ""] = await fleet.boxes(2);
    const id = await start();
    const rollout = await findRollout(fleet.ctx, id);
    const moved = await Promise.all(Array.from({ length: 8 }, () => moveBox(fleet.ctx, rollout, box)));
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect(await moveBox(fleet.ctx, { ...rollout, wave: 1 }, box)).toBeUndefined();
    await rollBack(fleet.ctx, id, "test");
    const [, other = ""] = await fleet
      .query("select id from boxes where cluster_id = $1", [fleet.cluster])
      .then((rows) => rows.map((row) => String(row.id)).sort((a) => (a === box ? -1 : 1)));
    expect(await moveBox(fleet.ctx, rollout, other)).toBeUndefined();
    await Promise.all([advanceRollouts(fleet.ctx), advanceRollouts(fleet.ctx)]);
    expect(await untilOver(id)).toBe("rolled_back");
    await over(old);
    const jobs = await fleet.query("select count(*)::int as n from operator_jobs where box_id = $1", [box]);
    expect(jobs).toEqual([{ n: 2 }]);
  });
});

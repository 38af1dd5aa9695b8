/** Many claims at once, on PGlite or (TEST_POSTGRES_URL) a real PostgreSQL, where they really race. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestNeon, testBackend } from "#cluster/local/neon/testing/test-neon.ts";
import { LEASE_MS, MAX_ATTEMPTS } from "#schema/domain/jobs.ts";
import type { Ctx } from "../../context.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedBoxes, seedCluster, seedJobs } from "../../testing/seed.ts";
import { cancelJob } from "./cancel.ts";
import { claimJob } from "./claim.ts";
import { expireJob } from "./expire.ts";

const { name, start } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`claims on ${name}`, () => {
  const clock = { now: Date.now() };
  let standIn: TestNeon;
  let ctx: Ctx;

  beforeAll(async () => {
    standIn = await start();
    ctx = makeCtx(standIn, { now: () => new Date(clock.now) });
    await seedCluster(ctx.db, { id: "c1" });
  });
  afterAll(() => standIn.close());

  /** Boxes with this many queued jobs each: the jobs' ids, oldest first. */
  async function queueJobs(boxes: number, jobsEach: number): Promise<string[]> {
    const seeded = await seedBoxes(ctx.db, boxes, { clusterId: "c1" });
    const ids: string[] = [];
    for (let round = 0; round < jobsEach; round++) {
      ids.push(
        ...(await seedJobs(
          ctx.db,
          seeded.map(({ boxId }) => boxId),
          { clusterId: "c1" },
        )),
      );
    }
    clock.now = Date.now() + 1_000;
    return ids;
  }

  const claim = (jobId: string) => claimJob({ ctx, input: { jobId, clusterId: "c1" } });
  const rowOf = async (jobId: string) =>
    (
      await standIn.neon.query(
        "select j.*, b.status as box_status from operator_jobs j join boxes b on b.id = j.box_id where j.id = $1",
        [jobId],
      )
    )[0];

  test("one job claimed by sixteen at once is granted once", async () => {
    const [jobId = ""] = await queueJobs(1, 1);
    const claims = await Promise.all(Array.from({ length: 16 }, () => claim(jobId)));
    const granted = claims.filter((one) => one.kind === "granted");
    expect(granted).toMatchObject([{ grant: { job_id: jobId, fence: 1, attempt: 1 } }]);
    expect(await rowOf(jobId)).toMatchObject({ status: "running", fence: "1", box_status: "updating" });
  });

  test("jobs of a box run one at a time, in order, each under the next fence", async () => {
    const waiting = new Set(await queueJobs(6, 5));
    const fences = new Map<string, number[]>();
    while (waiting.size > 0) {
      const claims = await Promise.all([...waiting, ...waiting].map(claim));
      const grants = claims.flatMap((one) => (one.kind === "granted" ? [one.grant] : []));
      expect(new Set(grants.map((grant) => grant.box_id)).size).toBe(grants.length);
      expect(grants.length).toBeGreaterThan(0);
      for (const { job_id, box_id, fence } of grants) {
        fences.set(box_id, [...(fences.get(box_id) ?? []), fence]);
        waiting.delete(job_id);
      }
      await standIn.neon.query(
        "update operator_jobs set status = 'succeeded', lease_until = null, finished_at = now() where id = any($1)",
        [grants.map((grant) => grant.job_id)],
      );
      await standIn.neon.query("update boxes set status = 'active' where status = 'updating'");
    }
    expect([...fences.values()]).toEqual(Array(6).fill([1, 2, 3, 4, 5]));
  });

  test("a lease is taken back once, only when it is over, and after the last attempt the job is dead", async () => {
    const [jobId = ""] = await queueJobs(1, 1);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      expect(await claim(jobId)).toMatchObject({ kind: "granted", grant: { attempt, fence: attempt } });
      const expire = () => expireJob({ ctx, input: { jobId, fence: attempt } });
      clock.now += LEASE_MS - 1;
      expect((await expire()).kind).toBe("extended");
      clock.now += 1;
      const outcomes = (await Promise.all([expire(), expire(), expire()])).map(({ kind }) => kind);
      const taken = attempt < MAX_ATTEMPTS ? "queued" : "dead";
      expect(outcomes.filter((kind) => kind === taken)).toHaveLength(1);
    }
    expect(await rowOf(jobId)).toMatchObject({ status: "dead", error_code: "lease_expired", box_status: "failed" });
    expect(await claim(jobId)).toEqual({ kind: "gone" });
  });

  test("an abandoned job is requeued before its lease is over, once, and waits a moment", async () => {
    const [jobId = ""] = await queueJobs(1, 1);
    expect(await claim(jobId)).toMatchObject({ kind: "granted", grant: { fence: 1 } });
    const expire = () => expireJob({ ctx, input: { jobId, fence: 1, abandoned: true } });
    const back = await Promise.all([expire(), expire()]);
    expect(back.filter(({ kind }) => kind === "queued")).toMatchObject([
      { offer: { jobId, availableAt: clock.now + 2_000 } },
    ]);
    expect(await rowOf(jobId)).toMatchObject({ status: "queued", error_code: "agent_restarted" });
    expect((await claim(jobId)).kind).toBe("later");
    clock.now += 2_000;
    expect(await claim(jobId)).toMatchObject({ kind: "granted", grant: { fence: 2, attempt: 2 } });
    expect((await expire()).kind).toBe("gone");
  });

  test("claims and cancellations that meet don't wait for each other: each job has one of the two fates", async () => {
    for (let round = 0; round < 5; round++) {
      const ids = await queueJobs(12, 1);
      const outcomes = await Promise.all(
        ids.map((jobId) =>
          Promise.all([
            claim(jobId).then(({ kind }) => kind),
            cancelJob({ ctx, input: { jobId } }).then(
              (job) => job.status,
              (error: Error) => error.message,
            ),
          ]),
        ),
      );
      for (const [i, [claimed, cancelled]] of outcomes.entries()) {
        if (cancelled !== "cancelled") expect(cancelled).toContain("was changed at the same time");
        const { status } = (await rowOf(ids[i] ?? "")) ?? {};
        expect(status).toBe(cancelled === "cancelled" ? "cancelled" : "running");
        if (status === "running") expect(claimed).toBe("granted");
      }
    }
  });

  test("a job of another cluster, or of none, is not there", async () => {
    const [jobId = ""] = await queueJobs(1, 1);
    expect(await claimJob({ ctx, input: { jobId, clusterId: "c2" } })).toEqual({ kind: "gone" });
    expect(await claim(crypto.randomUUID())).toEqual({ kind: "gone" });
    expect(await rowOf(jobId)).toMatchObject({ status: "queued", attempt: 0 });
  });
});

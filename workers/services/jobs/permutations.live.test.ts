/**
 * Whatever is asked of a box, in whatever order its jobs are delivered, doubled and between which requests: it ends as
 * it was wanted last, and what is destroyed stays so. A seeded part of all orders on PGlite; all of them on a real
 * PostgreSQL (TEST_POSTGRES_URL).
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestNeon, testBackend } from "#cluster/local/neon/testing/test-neon.ts";
import type { DesiredStatus } from "#schema/domain/states.ts";
import { checkHistory } from "#tests/simulation/check-history.ts";
import type { Completed, FinalBox, FinalJob, Granted, Seen } from "#tests/simulation/history.ts";
import { createRandom } from "#tests/simulation/random.ts";
import type { Ctx } from "../../context.ts";
import type { Actor } from "../../contracts/actor.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedBox, seedCluster, seedJobs } from "../../testing/seed.ts";
import { destroyBox } from "../boxes/destroy.ts";
import { reactivateBox } from "../boxes/reactivate.ts";
import { resizeBox } from "../boxes/resize.ts";
import { restartBox } from "../boxes/restart.ts";
import { suspendBox } from "../boxes/suspend.ts";
import { updateBox } from "../boxes/update.ts";
import { claimJob } from "./claim.ts";
import { completeJob } from "./complete.ts";

const agent: Actor = { kind: "agent", clusterId: "c1", kid: "k" };

const REQUESTS = {
  suspend: (ctx: Ctx, boxId: string) => suspendBox({ ctx, input: { boxId } }),
  reactivate: (ctx: Ctx, boxId: string) => reactivateBox({ ctx, input: { boxId } }),
  restart: (ctx: Ctx, boxId: string) => restartBox({ ctx, input: { boxId } }),
  resize: (ctx: Ctx, boxId: string) => resizeBox({ ctx, input: { boxId, tier: "pro" } }),
  update: (ctx: Ctx, boxId: string) => updateBox({ ctx, input: { boxId, language: "de" } }),
  destroy: (ctx: Ctx, boxId: string) => destroyBox({ ctx, input: { boxId } }),
};
type Request = keyof typeof REQUESTS;
const ALL = Object.keys(REQUESTS) as Request[];

/** Every order of up to this many different requests, after the provision of their box. */
function orders(most: number, chosen: Request[] = []): Request[][] {
  const longer = chosen.length < most ? ALL.filter((one) => !chosen.includes(one)) : [];
  return [chosen, ...longer.flatMap((one) => orders(most, [...chosen, one]))];
}

const { name, start } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`requests and deliveries in any order on ${name}`, () => {
  let standIn: TestNeon;
  let ctx: Ctx;

  beforeAll(async () => {
    standIn = await start();
    // A second from now, so that what waits for its time need not.
    ctx = makeCtx(standIn, { now: () => new Date(Date.now() + 1_000) });
    await seedCluster(ctx.db, { id: "c1" });
  });
  afterAll(() => standIn.close());

  /** A box as its provision's statement leaves it. */
  async function ordered(): Promise<string> {
    const box = await seedBox(ctx.db, { clusterId: "c1", status: "pending" });
    await seedJobs(ctx.db, [box.boxId], { clusterId: "c1", type: "provision" });
    return box.boxId;
  }

  const jobsOf = (boxId: string) =>
    standIn.neon.query<FinalJob>(
      `select id, box_id as box, seq::int, type, status, generation::int, attempt, fence::int from operator_jobs
         where box_id = $1 order by seq`,
      [boxId],
    );
  const boxOf = async (boxId: string) =>
    (
      await standIn.neon.query<FinalBox>(
        `select id, status, desired_status as desired, generation::int, observed_generation::int as observed
           from boxes where id = $1`,
        [boxId],
      )
    )[0];

  /** What happens to one box, whose jobs are delivered by chance. */
  async function life(requests: readonly Request[], seed: number): Promise<string[]> {
    const random = createRandom(seed);
    const deeds: Seen[] = [];
    const grants: Granted[] = [];
    const completions: Completed[] = [];
    const boxId = await ordered();
    let done: { generation: number; status: DesiredStatus } | undefined;

    const work = async (job: string, fence: number, attempt: number) => {
      const now = await boxOf(boxId);
      if (!now) throw new Error("the box is gone");
      const is = { generation: now.generation, status: now.desired };
      const deed = { at: 0, agent: "a", box: boxId, fence };
      const changed = done?.generation !== is.generation;
      grants.push({ at: 0, job, box: boxId, fence, attempt });
      deeds.push({ kind: "begun", ...deed, ...is }, { kind: "ended", ...deed, ...is, changed });
      done = is;
      return async () => {
        const input = {
          jobId: job,
          fence,
          outcome: "succeeded",
          observed_generation: is.generation,
        } as const;
        await completeJob({ ctx: { ...ctx, actor: agent }, input });
        completions.push({ at: 0, job, fence });
      };
    };
    /** A job of the box, perhaps finished or superseded, reaches an agent; its success is reported at once or later. */
    let finish: (() => Promise<void>) | undefined;
    const deliver = async () => {
      if (finish) {
        await finish();
        finish = undefined;
      }
      const jobs = await jobsOf(boxId);
      const job = jobs[random.below(jobs.length)];
      const claim = await claimJob({ ctx, input: { jobId: job?.id ?? "", clusterId: "c1" } });
      if (claim.kind === "granted") finish = await work(claim.grant.job_id, claim.grant.fence, claim.grant.attempt);
    };

    for (const request of requests) {
      for (let n = random.below(4); n > 0; n--) await deliver();
      await REQUESTS[request](ctx, boxId).catch(allowed);
    }
    const open = async () => (await jobsOf(boxId)).some(({ status }) => status === "queued" || status === "running");
    while (await open()) await deliver();

    const [jobs, box] = [await jobsOf(boxId), await boxOf(boxId)];
    const accepted = jobs.map(({ id }) => id);
    return checkHistory({ accepted, deeds, grants, completions, jobs, boxes: box ? [box] : [] });
  }

  test("every life ends well", { timeout: 300_000 }, async () => {
    const all = orders(4);
    expect(all.length).toBe(1 + 6 + 30 + 120 + 360);
    const share = name === "PGlite" ? 16 : 1;
    const chosen = all.map((requests, seed) => ({ requests, seed })).filter(({ seed }) => seed % share === 0);
    for (const { requests, seed } of chosen) {
      expect(await life(requests, seed), `${requests.join(", ")} (seed ${seed})`).toEqual([]);
    }
  });

  test("a provision that was not begun is never begun once its box is to go", async () => {
    const boxId = await ordered();
    const [provision] = await jobsOf(boxId);
    await destroyBox({ ctx, input: { boxId } });
    expect(await claimJob({ ctx, input: { jobId: provision?.id ?? "", clusterId: "c1" } })).toEqual({ kind: "gone" });
    expect(await boxOf(boxId)).toMatchObject({ desired: "destroyed" });
  });
});

/** Some changes are not possible in the box's state, and are refused. */
function allowed(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "conflict")) throw error;
}

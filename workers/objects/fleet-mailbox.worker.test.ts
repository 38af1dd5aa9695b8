import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { LEASE_MS } from "#schema/domain/jobs.ts";
import { eventually, grantsIn, openMailbox, START } from "../testing/open-mailbox.ts";

describe("FleetMailbox", () => {
  it("gives a job once, however often and however late it is offered", async () => {
    const { jobs, stub, poll, offered } = await openMailbox();
    const offer = await offered();
    await Promise.all(Array.from({ length: 20 }, () => stub.offer([offer])));
    const answers = await Promise.all([poll(), poll(), poll()]);
    const grants = answers.flatMap(grantsIn);
    expect(grants).toMatchObject([{ job_id: offer.jobId, fence: 1, attempt: 1, lease_until: START + LEASE_MS }]);
    jobs.finish(offer.jobId);
    await stub.release(offer.jobId, 1);
    await stub.offer([offer]);
    expect(await poll()).toEqual([]);
    expect(jobs.grantsOf(offer.jobId)).toBe(1);
  });

  it("gives the jobs of a box one after another, those of other boxes beside them", async () => {
    const { jobs, stub, poll, offered } = await openMailbox();
    const first = await offered("box-a");
    const second = await offered("box-a");
    const other = await offered("box-b");
    expect(grantsIn(await poll()).map((grant) => grant.job_id)).toEqual([first.jobId, other.jobId]);
    expect(await poll()).toEqual([]);
    jobs.finish(first.jobId);
    await stub.release(first.jobId, 1);
    expect(grantsIn(await poll()).map((grant) => grant.job_id)).toEqual([second.jobId]);
  });

  it("never gives an agent more than it has room for", async () => {
    const { jobs, stub, poll, offered, connect } = await openMailbox();
    for (let i = 0; i < 30; i++) await offered();
    const [small, large] = [await connect(3), await connect(8)];
    await eventually(() => expect([small.grants().length, large.grants().length]).toEqual([3, 8]));
    await offered();
    expect([small.grants().length, large.grants().length]).toEqual([3, 8]);
    const [done] = small.grants();
    jobs.finish(done?.job_id ?? "");
    await stub.release(done?.job_id ?? "", 1);
    await eventually(() => expect(small.grants()).toHaveLength(4));
    small.hello(0);
    const [another] = small.grants();
    jobs.finish(another?.job_id ?? "");
    await stub.release(another?.job_id ?? "", 1);
    expect(await poll(0)).toEqual([]);
    expect(small.grants()).toHaveLength(4);
  });

  it("a box with many jobs does not hold up the others", async () => {
    const { jobs, stub, offered, connect } = await openMailbox();
    const many: string[] = [];
    for (let i = 0; i < 50; i++) many.push((await offered("greedy")).jobId);
    const other = await offered("modest");
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    const [first] = agent.grants();
    jobs.finish(first?.job_id ?? "");
    await stub.release(first?.job_id ?? "", 1);
    await eventually(() => expect(agent.grants().map((grant) => grant.job_id)).toEqual([many[0], other.jobId]));
  });

  it("with the database down it loses nothing and tries again", async () => {
    const { clock, jobs, ring, offered, connect } = await openMailbox();
    jobs.down = true;
    const offer = await offered();
    const agent = await connect(1);
    await eventually(() => expect(jobs.refusals).toBeGreaterThan(0));
    jobs.down = false;
    clock.now += 5_000;
    await ring();
    await eventually(() => expect(agent.grants().map((grant) => grant.job_id)).toEqual([offer.jobId]));
  });

  it("an eviction loses neither offers nor leases", async () => {
    const { clock, jobs, stub, attach, ring, poll, offered } = await openMailbox();
    const held = await offered();
    expect(grantsIn(await poll(1))).toHaveLength(1);
    const waiting = await offered();
    await evictDurableObject(stub);
    await attach();
    expect(grantsIn(await poll(10, [{ job_id: held.jobId, fence: 1 }])).map((grant) => grant.job_id)).toEqual([
      waiting.jobId,
    ]);
    clock.now = START + LEASE_MS;
    await ring();
    expect(jobs.grantsOf(held.jobId)).toBe(1);
    expect(grantsIn(await poll()).map((grant) => grant.fence)).toEqual([2, 2]);
  });

  it("a job taken when the last agent had just gone is handed to the next one", async () => {
    const { jobs, poll, offered } = await openMailbox();
    await offered();
    const gate = jobs.holdClaims();
    const polling = poll(1);
    await eventually(() => expect(jobs.waiting).toBe(1));
    await expect(polling).resolves.toEqual([]);
    gate();
    expect(grantsIn(await poll(1)).map((grant) => grant.fence)).toEqual([1]);
  });
});

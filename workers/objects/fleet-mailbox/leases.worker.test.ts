/** A job whose lease ends, or whose attempt failed, goes to somebody again. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { LEASE_MS, retryDelayMs } from "#schema/domain/jobs.ts";
import { eventually, openMailbox, START } from "../../testing/open-mailbox.ts";

describe("FleetMailbox", () => {
  it("takes a job back whose lease ran out: told to its holder, granted anew under a higher fence", async () => {
    const { clock, ring, offered, connect } = await openMailbox();
    const offer = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    clock.now = START + LEASE_MS - 1;
    await ring();
    expect(agent.messages()).toHaveLength(1);
    clock.now = START + LEASE_MS;
    await ring();
    await ring();
    await eventually(() =>
      expect(agent.messages().map((message) => message.type)).toEqual(["grant", "abort", "grant"]),
    );
    expect(agent.grants().at(-1)).toMatchObject({ job_id: offer.jobId, fence: 2, attempt: 2 });
  });

  it("keeps a lease that a heartbeat extended, here or in Postgres only", async () => {
    const { clock, jobs, stub, ring, offered, connect } = await openMailbox();
    const { jobId } = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    await stub.extend(jobId, 1, START + 2 * LEASE_MS);
    clock.now = START + LEASE_MS;
    await ring();
    jobs.extend(jobId, START + 3 * LEASE_MS);
    clock.now = START + 2 * LEASE_MS;
    await ring();
    clock.now = START + 3 * LEASE_MS - 1;
    await ring();
    expect(agent.messages()).toHaveLength(1);
    expect(jobs.grantsOf(jobId)).toBe(1);
  });

  it("a job out of attempts is given to nobody any more", async () => {
    const { clock, jobs, ring, offered, connect } = await openMailbox();
    const { jobId } = await offered();
    const agent = await connect(1);
    for (let attempt = 1; attempt <= 6; attempt++) {
      clock.now += LEASE_MS;
      await ring();
      await ring();
    }
    expect(jobs.statusOf(jobId)).toBe("dead");
    expect(agent.grants().map((grant) => grant.fence)).toEqual([1, 2, 3, 4, 5]);
  });

  it("a failed attempt is granted again when its delay is over", async () => {
    const { clock, jobs, stub, ring, offered, connect } = await openMailbox();
    const offer = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    const availableAt = START + retryDelayMs(1);
    jobs.requeue(offer.jobId, availableAt);
    await stub.release(offer.jobId, 1, { ...offer, availableAt });
    clock.now = availableAt - 1;
    await ring();
    expect(agent.grants()).toHaveLength(1);
    clock.now = availableAt;
    await ring();
    await eventually(() => expect(agent.grants()).toHaveLength(2));
  });

  it("has a holder end its job, by each connection, and grants the newer one when that has ended", async () => {
    const { jobs, stub, poll, offered, connect } = await openMailbox();
    const boxId = crypto.randomUUID();
    const { jobId } = await offered(boxId);
    const agent = await connect(2);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    const newer = await offered(boxId);
    await stub.stop(jobId, 1);
    const stop = { type: "stop", job_id: jobId };
    await eventually(() => expect(agent.messages().at(-1)).toEqual(stop));
    expect(await poll(0, [{ job_id: jobId, fence: 1 }])).toEqual([stop]);
    expect(agent.grants()).toHaveLength(1);
    jobs.finish(jobId);
    await stub.release(jobId, 1);
    await eventually(() => expect(agent.grants().at(-1)).toMatchObject({ job_id: newer.jobId, fence: 2 }));
  });

  it("nobody is told to end a job under another fence than the one it is held under", async () => {
    const { stub, offered, connect } = await openMailbox();
    const { jobId } = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    await stub.stop(jobId, 0);
    await stub.stop(crypto.randomUUID(), 1);
    const again = await connect(1, [{ job_id: jobId, fence: 1 }]);
    again.socket.send("ping");
    await eventually(() => expect(again.told).toContain("pong"));
    expect([...agent.messages(), ...again.messages()].filter(({ type }) => type === "stop")).toEqual([]);
  });

  it("late word of an older grant leaves the newer one alone", async () => {
    const { clock, stub, ring, poll, offered, connect } = await openMailbox();
    const { jobId } = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    clock.now = START + LEASE_MS;
    await ring();
    await ring();
    await eventually(() => expect(agent.grants().map((grant) => grant.fence)).toEqual([1, 2]));
    await stub.abort(jobId, 1);
    await stub.release(jobId, 1);
    const told = agent.messages().length;
    expect(await poll(10, [{ job_id: jobId, fence: 2 }])).toEqual([]);
    expect(agent.messages()).toHaveLength(told);
  });

  it("that Cloudflare rings no more, since it failed too often, is woken by the next sweep", async () => {
    const { clock, jobs, stub, ring, poll, offered } = await openMailbox();
    const offer = await offered();
    await poll();
    clock.now = START + LEASE_MS;
    await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm());
    expect(await ring()).toBe(false);
    const swept = jobs.add(crypto.randomUUID());
    await stub.offer([swept]);
    expect(await ring()).toBe(true);
    expect(jobs.statusOf(offer.jobId)).toBe("queued");
  });

  it("does not ring without a pause while what is due can't be taken back", async () => {
    const { clock, jobs, stub, ring, offered, connect } = await openMailbox();
    await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    jobs.down = true;
    clock.now = START + LEASE_MS;
    await ring();
    const alarm = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(alarm).toBe(clock.now + 5_000);
    jobs.down = false;
    clock.now += 5_000;
    await ring();
    await eventually(() => expect(agent.grants().map((grant) => grant.fence)).toEqual([1, 2]));
  });
});

/** Which fleet-agents a mailbox hears, and what one keeps that comes back. */
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { eventually, grantsIn, openMailbox, START } from "../../testing/open-mailbox.ts";

describe("FleetMailbox", () => {
  it("answers pings without waking, and a message that is no hello with the end", async () => {
    const { connect } = await openMailbox();
    const agent = await connect(1);
    agent.socket.send("ping");
    await eventually(() => expect(agent.told).toContain("pong"));
    agent.socket.send(JSON.stringify({ type: "hello", capacity: -1, running: [] }));
    expect((await agent.closed).code).toBe(1008);
  });

  it("an agent that comes back keeps what is still its own and is told to stop the rest", async () => {
    const { stub, poll, offered, connect } = await openMailbox();
    const { jobId } = await offered();
    await poll(1);
    const stale = crypto.randomUUID();
    const agent = await connect(1, [
      { job_id: jobId, fence: 1 },
      { job_id: stale, fence: 7 },
    ]);
    await eventually(() => expect(agent.messages()).toEqual([{ type: "abort", job_id: stale }]));
    await stub.abort(jobId, 1);
    await eventually(() => expect(agent.messages()).toContainEqual({ type: "abort", job_id: jobId }));
  });

  it("admits an assertion's id once, also after an eviction", async () => {
    const { stub, attach } = await openMailbox();
    expect(await stub.admit("a", START + 60_000)).toBe(true);
    await evictDurableObject(stub);
    await attach();
    expect(await stub.admit("a", START + 60_000)).toBe(false);
    expect(await stub.admit("b", START + 60_000)).toBe(true);
  });
});

describe("a revoked key", () => {
  it("loses its socket and its long poll at once; other keys keep theirs", async () => {
    const { jobs, stub, offered, connect } = await openMailbox();
    jobs.valid = new Set(["old", "new"]);
    const [before, after] = [await connect(1, [], { kid: "old" }), await connect(1, [], { kid: "new" })];
    const polling = stub.poll({ capacity: 1, running: [], wait: 25 }, "old");
    await stub.keepOnly(["new"]);
    expect((await before.closed).code).toBe(1008);
    expect(await polling).toEqual([]);
    jobs.valid = new Set(["new"]);
    const { jobId } = await offered();
    await eventually(() => expect(after.grants()).toMatchObject([{ job_id: jobId }]));
  });

  it("gets no grant, also where nobody told the mailbox of it", async () => {
    const { jobs, poll, offered, connect } = await openMailbox();
    jobs.valid = new Set(["new"]);
    const before = await connect(5, [], { kid: "old" });
    const { jobId } = await offered();
    expect((await before.closed).code).toBe(1008);
    expect(before.grants()).toEqual([]);
    expect(grantsIn(await poll(1, [], undefined, "old"))).toEqual([]);
    expect(grantsIn(await poll(1, [], undefined, "new"))).toMatchObject([{ job_id: jobId, fence: 1 }]);
  });
});

describe("an agent that was killed", () => {
  it("and comes back in the same place gets its job again at once, under a higher fence", async () => {
    const { offered, connect } = await openMailbox();
    const { jobId } = await offered();
    const killed = await connect(1, [], { instance: "pod-1" });
    await eventually(() => expect(killed.grants()).toHaveLength(1));
    // Its socket may look open for long.
    const back = await connect(1, [], { instance: "pod-1" });
    expect((await killed.closed).code).toBe(1000);
    await eventually(() => expect(back.grants()).toMatchObject([{ job_id: jobId, fence: 2, attempt: 2 }]));
  });

  it("is sent nothing on a long poll that it left behind", async () => {
    const { stub, offered, connect } = await openMailbox();
    const left = stub.poll({ capacity: 1, running: [], wait: 25, instance: "pod-1" }, "key-1");
    const back = await connect(1, [], { instance: "pod-1" });
    expect(await left).toEqual([]);
    await offered();
    await eventually(() => expect(back.grants()).toMatchObject([{ fence: 1 }]));
  });

  it("leaves its jobs to their leases where another place answers, or none is named", async () => {
    const { jobs, stub, poll, offered } = await openMailbox();
    for (const instance of ["pod-2", undefined]) {
      const { jobId } = await offered();
      expect(grantsIn(await poll(1, [], "pod-1"))).toHaveLength(1);
      await poll(1, [], instance);
      expect([jobs.statusOf(jobId), jobs.grantsOf(jobId)]).toEqual(["running", 1]);
      jobs.finish(jobId);
      await stub.release(jobId, 1);
    }
  });

  it("a live one that reconnects, or says hello once more, keeps its jobs", async () => {
    const { jobs, poll, offered, connect } = await openMailbox();
    const { jobId } = await offered();
    const agent = await connect(1, [], { instance: "pod-1" });
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    // The grant may still be on its way to it.
    agent.hello(1);
    const again = await connect(1, [{ job_id: jobId, fence: 1 }], { instance: "pod-1" });
    again.socket.send("ping");
    await eventually(() => expect(again.told).toContain("pong"));
    expect(await poll(1, [{ job_id: jobId, fence: 1 }], "pod-1")).toEqual([]);
    expect([jobs.statusOf(jobId), jobs.grantsOf(jobId)]).toEqual(["running", 1]);
  });
});

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Grant, MailboxMessage } from "#schema/contracts/fleet.ts";
import { LEASE_MS, retryDelayMs } from "#schema/domain/jobs.ts";
import { KID_HEADER } from "../contracts/mailbox.ts";
import { mailboxes } from "../testing/objects.ts";
import { createFakeJobs, type FakeJobs } from "./fleet-mailbox/testing/fake-jobs.ts";
import type { FleetMailbox } from "./fleet-mailbox.ts";

// Far ahead, so that no alarm rings by itself.
const START = Date.parse("2099-03-10T00:00:00Z");

let now: number;
let jobs: FakeJobs;
let stub: DurableObjectStub<FleetMailbox>;

beforeEach(async () => {
  now = START;
  jobs = createFakeJobs(() => now);
  stub = mailboxes.get(mailboxes.idFromName(crypto.randomUUID()));
  await attach();
});

/** What an eviction takes away: the instance, and with it the test's clock and jobs. */
const attach = () =>
  runInDurableObject(stub, (mailbox: FleetMailbox) => {
    mailbox.now = () => now;
    mailbox.jobs = jobs;
  });

const ring = () => runDurableObjectAlarm(stub);
const poll = (capacity = 10, running: { job_id: string; fence: number }[] = [], instance?: string, kid = "key-1") =>
  stub.poll({ capacity, running, wait: 0, ...(instance && { instance }) }, kid);
const grantsIn = (messages: readonly MailboxMessage[]): Grant[] =>
  messages.flatMap((message) => (message.type === "grant" ? [message.grant] : []));

/** A queued job, offered. */
async function offered(boxId: string = crypto.randomUUID()) {
  const offer = jobs.add(boxId);
  await stub.offer([offer]);
  return offer;
}

/** A fleet-agent's socket that has said hello, and what it was told. */
async function connect(
  capacity: number,
  running: { job_id: string; fence: number }[] = [],
  { instance, kid = "key-1" }: { instance?: string; kid?: string } = {},
) {
  const headers = { upgrade: "websocket", [KID_HEADER]: kid };
  const response = await stub.fetch("https://mailbox/", { headers });
  const socket = response.webSocket;
  if (!socket) throw new Error("no socket");
  const told: string[] = [];
  socket.accept();
  socket.addEventListener("message", ({ data }) => {
    told.push(String(data));
  });
  const hello = (free: number) => socket.send(JSON.stringify({ type: "hello", capacity: free, running, instance }));
  hello(capacity);
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  const messages = (): MailboxMessage[] => told.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text));
  return { socket, told, hello, closed, messages, grants: () => grantsIn(messages()) };
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 10 });

describe("FleetMailbox", () => {
  it("gives a job once, however often and however late it is offered", async () => {
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

  it("answers pings without waking, and a message that is no hello with the end", async () => {
    const agent = await connect(1);
    agent.socket.send("ping");
    await eventually(() => expect(agent.told).toContain("pong"));
    agent.socket.send(JSON.stringify({ type: "hello", capacity: -1, running: [] }));
    expect((await agent.closed).code).toBe(1008);
  });

  it("takes a job back whose lease ran out: told to its holder, granted anew under a higher fence", async () => {
    const offer = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    now = START + LEASE_MS - 1;
    await ring();
    expect(agent.messages()).toHaveLength(1);
    now = START + LEASE_MS;
    await ring();
    await ring();
    await eventually(() =>
      expect(agent.messages().map((message) => message.type)).toEqual(["grant", "abort", "grant"]),
    );
    expect(agent.grants().at(-1)).toMatchObject({ job_id: offer.jobId, fence: 2, attempt: 2 });
  });

  it("keeps a lease that a heartbeat extended, here or in Postgres only", async () => {
    const { jobId } = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    await stub.extend(jobId, 1, START + 2 * LEASE_MS);
    now = START + LEASE_MS;
    await ring();
    jobs.extend(jobId, START + 3 * LEASE_MS);
    now = START + 2 * LEASE_MS;
    await ring();
    now = START + 3 * LEASE_MS - 1;
    await ring();
    expect(agent.messages()).toHaveLength(1);
    expect(jobs.grantsOf(jobId)).toBe(1);
  });

  it("a job out of attempts is given to nobody any more", async () => {
    const { jobId } = await offered();
    const agent = await connect(1);
    for (let attempt = 1; attempt <= 6; attempt++) {
      now += LEASE_MS;
      await ring();
      await ring();
    }
    expect(jobs.statusOf(jobId)).toBe("dead");
    expect(agent.grants().map((grant) => grant.fence)).toEqual([1, 2, 3, 4, 5]);
  });

  it("a failed attempt is granted again when its delay is over", async () => {
    const offer = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    const availableAt = START + retryDelayMs(1);
    jobs.requeue(offer.jobId, availableAt);
    await stub.release(offer.jobId, 1, { ...offer, availableAt });
    now = availableAt - 1;
    await ring();
    expect(agent.grants()).toHaveLength(1);
    now = availableAt;
    await ring();
    await eventually(() => expect(agent.grants()).toHaveLength(2));
  });

  it("with the database down it loses nothing and tries again", async () => {
    jobs.down = true;
    const offer = await offered();
    const agent = await connect(1);
    await eventually(() => expect(jobs.refusals).toBeGreaterThan(0));
    jobs.down = false;
    now += 5_000;
    await ring();
    await eventually(() => expect(agent.grants().map((grant) => grant.job_id)).toEqual([offer.jobId]));
  });

  it("an eviction loses neither offers nor leases", async () => {
    const held = await offered();
    expect(grantsIn(await poll(1))).toHaveLength(1);
    const waiting = await offered();
    await evictDurableObject(stub);
    await attach();
    expect(grantsIn(await poll(10, [{ job_id: held.jobId, fence: 1 }])).map((grant) => grant.job_id)).toEqual([
      waiting.jobId,
    ]);
    now = START + LEASE_MS;
    await ring();
    expect(jobs.grantsOf(held.jobId)).toBe(1);
    expect(grantsIn(await poll()).map((grant) => grant.fence)).toEqual([2, 2]);
  });

  it("an agent that comes back keeps what is still its own and is told to stop the rest", async () => {
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

  it("a job taken when the last agent had just gone is handed to the next one", async () => {
    await offered();
    const gate = jobs.holdClaims();
    const polling = poll(1);
    await eventually(() => expect(jobs.waiting).toBe(1));
    await expect(polling).resolves.toEqual([]);
    gate();
    expect(grantsIn(await poll(1)).map((grant) => grant.fence)).toEqual([1]);
  });

  it("admits an assertion's id once, also after an eviction", async () => {
    expect(await stub.admit("a", START + 60_000)).toBe(true);
    await evictDurableObject(stub);
    await attach();
    expect(await stub.admit("a", START + 60_000)).toBe(false);
    expect(await stub.admit("b", START + 60_000)).toBe(true);
  });

  it("late word of an older grant leaves the newer one alone", async () => {
    const { jobId } = await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    now = START + LEASE_MS;
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
    const offer = await offered();
    await poll();
    now = START + LEASE_MS;
    await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm());
    expect(await ring()).toBe(false);
    const swept = jobs.add(crypto.randomUUID());
    await stub.offer([swept]);
    expect(await ring()).toBe(true);
    expect(jobs.statusOf(offer.jobId)).toBe("queued");
  });

  it("does not ring without a pause while what is due can't be taken back", async () => {
    await offered();
    const agent = await connect(1);
    await eventually(() => expect(agent.grants()).toHaveLength(1));
    jobs.down = true;
    now = START + LEASE_MS;
    await ring();
    const alarm = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(alarm).toBe(now + 5_000);
    jobs.down = false;
    now += 5_000;
    await ring();
    await eventually(() => expect(agent.grants().map((grant) => grant.fence)).toEqual([1, 2]));
  });
});

describe("a revoked key", () => {
  it("loses its socket and its long poll at once; other keys keep theirs", async () => {
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
    const { jobId } = await offered();
    const killed = await connect(1, [], { instance: "pod-1" });
    await eventually(() => expect(killed.grants()).toHaveLength(1));
    // Its socket may look open for long.
    const back = await connect(1, [], { instance: "pod-1" });
    expect((await killed.closed).code).toBe(1000);
    await eventually(() => expect(back.grants()).toMatchObject([{ job_id: jobId, fence: 2, attempt: 2 }]));
  });

  it("is sent nothing on a long poll that it left behind", async () => {
    const left = stub.poll({ capacity: 1, running: [], wait: 25, instance: "pod-1" }, "key-1");
    const back = await connect(1, [], { instance: "pod-1" });
    expect(await left).toEqual([]);
    await offered();
    await eventually(() => expect(back.grants()).toMatchObject([{ fence: 1 }]));
  });

  it("leaves its jobs to their leases where another place answers, or none is named", async () => {
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

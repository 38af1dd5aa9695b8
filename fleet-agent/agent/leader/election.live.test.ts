import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { connectKube, type KubeClient } from "../../drivers/kube/kube-client.ts";
import { createLog } from "../../log.ts";
import { type FakeApiServer, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { FakeLease } from "../../testing/fake-lease.ts";
import { stand, type Term } from "./election.ts";

const TIMINGS = { leaseMs: 1_000, renewDeadlineMs: 500, retryMs: 40 };

let server: FakeApiServer;
let lease: FakeLease;
let client: KubeClient;
let over: AbortController;
const terms: Term[] = [];
beforeEach(async () => {
  server = await startFakeApiServer();
  lease = new FakeLease(server);
  client = await connectKube(server.config);
  over = new AbortController();
});
afterEach(async () => {
  over.abort();
  await Promise.all(terms.splice(0).map((term) => term.release()));
  await client.close();
  await server.close();
});

async function elect(identity: string, more: Partial<Parameters<typeof stand>[0]> = {}): Promise<Term | undefined> {
  const name = { namespace: "fleet-system", name: "agent" };
  const options = { client, lease: name, identity, log: createLog("silent"), timings: TIMINGS, ...more };
  const term = await stand(options, over.signal);
  if (term) terms.push(term);
  return term;
}

test("the first who stands leads; the second waits, and is told by a release at once", async () => {
  const first = await elect("a");
  expect(lease.spec).toMatchObject({ holderIdentity: "a", leaseDurationSeconds: 1, leaseTransitions: 0 });
  let second: Term | undefined;
  const waiting = elect("b").then((term) => {
    second = term;
  });
  const looks = () => server.requests.filter(({ method }) => method === "GET").length;
  await until("some looks of the second", () => looks() > 20);
  expect(second).toBeUndefined();

  const releasedAt = performance.now();
  await first?.release();
  await waiting;
  expect(performance.now() - releasedAt).toBeLessThan(TIMINGS.leaseMs);
  expect(lease.spec).toMatchObject({ holderIdentity: "b", leaseTransitions: 1 });
  expect(second?.predecessor).toBeUndefined();
  expect(first?.lost.aborted).toBe(false);
});

test("a holder that says nothing more is replaced when the lease has run out by the other's own clock, whatever times it wrote", async () => {
  lease.spec = { holderIdentity: "dead", leaseDurationSeconds: 1, renewTime: "2099-01-01T00:00:00.000000Z" };
  const since = performance.now();
  const term = await elect("b");
  expect(performance.now() - since).toBeGreaterThanOrEqual(1_000);
  expect(term?.predecessor).toBe("dead");
  expect(lease.spec).toMatchObject({ holderIdentity: "b", leaseTransitions: 1 });
});

test("who comes back under the same name goes on at once", async () => {
  lease.spec = { holderIdentity: "a", leaseDurationSeconds: 3_600, leaseTransitions: 4 };
  const term = await elect("a");
  expect(lease.spec.leaseTransitions).toBe(4);
  expect(term?.predecessor).toBeUndefined();
});

test("of many who stand at once, one leads", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const leading = names.map((name) => elect(name));
  const first = await Promise.race(leading);
  await until("several renewals", () => server.requests.filter(({ method }) => method === "PUT").length > 5);
  expect(terms).toEqual([first]);
});

test("a leader whose API server is away stops before anybody else may begin", async () => {
  const term = await elect("a");
  const brokenAt = performance.now();
  lease.broken = 500;
  await until("the loss", () => term?.lost.aborted);
  const after = performance.now() - brokenAt;
  expect(after).toBeLessThanOrEqual(TIMINGS.leaseMs);
  expect(after).toBeGreaterThan(TIMINGS.renewDeadlineMs / 2);
  expect(term?.holds()).toBe(false);
});

test("a short absence of the API server costs nothing", async () => {
  const term = await elect("a");
  lease.broken = 503;
  const seen = server.requests.length;
  await until("a failed look", () => server.requests.length > seen);
  lease.broken = undefined;
  const before = lease.spec?.renewTime;
  await until("the next renewal", () => lease.spec?.renewTime !== before);
  expect(term?.lost.aborted).toBe(false);
});

test("a leader that finds another one's name stops at once", async () => {
  const term = await elect("a");
  await until("a first renewal", () => server.requests.filter(({ method }) => method === "PUT").length > 0);
  lease.spec = { holderIdentity: "b", leaseDurationSeconds: 1 };
  await until("the loss", () => term?.lost.aborted);
  await term?.release();
  expect(lease.spec.holderIdentity).toBe("b");
});

test("a process that was paused past its deadline doesn't lead, before any timer of it has rung", async () => {
  let now = 0;
  const term = await elect("a", { clock: () => now, timings: { ...TIMINGS, retryMs: 60_000 } });
  expect(term?.holds()).toBe(true);
  now = TIMINGS.renewDeadlineMs;
  expect(term?.holds()).toBe(false);
  await term?.release();
  expect(term?.lost.aborted).toBe(true);
});

test("nobody is elected any more who is told to stop", async () => {
  lease.spec = { holderIdentity: "dead", leaseDurationSeconds: 3_600 };
  const waiting = elect("b");
  await until("a look", () => server.requests.length > 0);
  over.abort();
  expect(await waiting).toBeUndefined();
});

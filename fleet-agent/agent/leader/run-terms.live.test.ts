import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { connectKube, type KubeClient } from "../../drivers/kube/kube-client.ts";
import { createLog } from "../../log.ts";
import { type FakeApiServer, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { FakeLease } from "../../testing/fake-lease.ts";
import { createVitals } from "../server/vitals.ts";
import type { Term } from "./election.ts";
import { runTerms } from "./run-terms.ts";

const TIMINGS = { leaseMs: 1_000, renewDeadlineMs: 500, retryMs: 40 };

let server: FakeApiServer;
let lease: FakeLease;
let client: KubeClient;
beforeEach(async () => {
  server = await startFakeApiServer();
  lease = new FakeLease(server);
  client = await connectKube(server.config);
});
afterEach(async () => {
  await client.close();
  await server.close();
});

function start(lead: (term: Term) => Promise<void>) {
  const drain = new AbortController();
  const vitals = createVitals();
  const leading: boolean[] = [];
  const ended = runTerms(
    {
      client,
      lease: { namespace: "fleet-system", name: "agent" },
      identity: "me",
      log: createLog("silent"),
      timings: TIMINGS,
      vitals,
      drain: drain.signal,
      leads: (now) => leading.push(now),
    },
    lead,
  );
  return { drain, vitals, leading, ended };
}

test("who drains lets the lease go at once, and works on its jobs' ends", async () => {
  const { promise: jobs, resolve: jobsEnded } = Promise.withResolvers<void>();
  const { drain, leading, ended } = start(() => jobs);
  await until("the term", () => leading.length === 1);
  drain.abort();
  await until("the release", () => lease.spec && !lease.spec.holderIdentity);
  expect(leading).toEqual([true]);
  jobsEnded();
  await ended;
  expect(leading).toEqual([true, false]);
});

test("who lost a term stands again", async () => {
  const terms: Term[] = [];
  const { drain, leading, ended } = start(async (term) => {
    terms.push(term);
    await Promise.race([once(term.lost, "abort"), once(drain.signal, "abort")]);
  });
  await until("the first term", () => terms.length === 1);
  lease.spec = { holderIdentity: "other", leaseDurationSeconds: 1 };
  await until("the second term", () => terms.length === 2);
  expect(terms[1]?.predecessor).toBe("other");
  drain.abort();
  await ended;
  expect(leading).toEqual([true, false, true, false]);
});

test("standing by is ready while the API server answers, and only then", async () => {
  lease.spec = { holderIdentity: "other", leaseDurationSeconds: 3_600 };
  const { drain, vitals, ended } = start(async () => undefined);
  expect(vitals.ready()).toEqual(["the API server doesn't answer for the leader's lease"]);
  await until("the first look", () => vitals.ready().length === 0);
  lease.broken = 500;
  await until("a failed look", () => vitals.ready().length === 1);
  expect(vitals.live()).toEqual([]);
  drain.abort();
  await ended;
});

test("an error of the work ends the process's standing, and the term with it", async () => {
  const { ended } = start(async () => {
    throw new Error("the driver can't be opened");
  });
  await expect(ended).rejects.toThrow("can't be opened");
  expect(lease.spec?.holderIdentity).toBeUndefined();
});

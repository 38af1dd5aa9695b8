import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClusterComparison } from "#schema/contracts/clusters.ts";
import { until } from "#tests/harness/until.ts";
import { type FakeOperatorEdge, startFakeOperatorEdge } from "../../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../../testing/fake-terminal.ts";
import { sampleCluster } from "../../../testing/sample-answers.ts";
import { runCommandLine } from "../run-command-line.ts";

const START = "2026-11-23T12:00:00.000Z";
let edge: FakeOperatorEdge;
let running: number;
beforeEach(async () => {
  running = 0;
  edge = await startFakeOperatorEdge();
  edge.routes["GET /internal/fleet"] = () => ({ body: { clusters: [cluster()] } });
});
afterEach(() => edge.close());

const cluster = () => sampleCluster(Date.now(), { jobs: { queued: 0, running, oldest_queued_at: null } });
function start(line: string, answers: string[] = []) {
  const terminal = Object.assign(fakeTerminal(edge.env, { interactive: answers.length > 0 }), { answers });
  const ended = runCommandLine(line.split(" "), terminal);
  return { terminal, ended };
}

describe("fleet drain", () => {
  beforeEach(() => {
    edge.routes["POST /internal/clusters/hel1/drain"] = () => ({ body: { ...cluster(), accepts_boxes: false } });
    edge.routes["POST /internal/clusters/hel1/resume"] = () => ({ body: cluster() });
  });

  it("waits until what runs has ended", async () => {
    running = 2;
    const { terminal, ended } = start("fleet drain hel1 --yes");
    await until("the wait", () => terminal.err.some((line) => line.includes("2 running")));
    running = 0;
    expect(await ended).toBe(0);
    expect(terminal.out[0]).toContain("hel1 is at rest");
  });

  it("or says that it goes on, when there is no time, or a person has no patience", async () => {
    running = 1;
    const late = start("fleet drain hel1 --yes --timeout 0");
    expect(await late.ended).toBe(1);
    expect(late.terminal.err.join()).toContain("stays drained");
    const { terminal, ended } = start("fleet drain hel1 --yes");
    await until("the wait", () => terminal.err.some((line) => line.includes("1 running")));
    terminal.interruptNow();
    expect(await ended).toBe(130);
  });

  it("is asked about, undone without a question, and for a cluster that is there", async () => {
    expect(await start("fleet drain hel1", ["n"]).ended).toBe(4);
    expect(await start("fleet drain hel1 --undo").ended).toBe(0);
    const other = start("fleet drain fsn1 --yes");
    expect(await other.ended).toBe(3);
    expect(other.terminal.err.join()).toContain("There is: hel1");
    expect(await start("fleet drain hel1 --undo --jobs-go-on").ended).toBe(2);
  });
});

describe("fleet reconcile", () => {
  const found = { boxes: 5, missing: 0, differing: 1, outdated: 0, strays: 2, unknown: 0, seconds: 1.25 };
  const brake = { since: START, boxes: [crypto.randomUUID(), crypto.randomUUID()], of: 9 };
  let comparison: ClusterComparison;
  beforeEach(() => {
    comparison = { cluster_id: "hel1", asked_at: START, compared_at: null, found: null, brake };
    edge.routes["POST /internal/clusters/hel1/reconcile"] = () => ({ body: comparison });
    edge.routes["GET /internal/clusters/hel1/comparison"] = () => ({ body: comparison });
  });

  it("waits for the comparison and tells what it found", async () => {
    const { terminal, ended } = start("fleet reconcile hel1");
    await until("a look", () => edge.calls.some(({ path }) => path.endsWith("/comparison")));
    comparison = { ...comparison, compared_at: "2026-11-23T12:00:01.000Z", found };
    expect(await ended).toBe(0);
    expect(terminal.out[0]).toMatch(/changed +1 /);
    expect(terminal.out[0]).toContain("held back  2 deletions");
  });

  it("removes what is held back only when told how many, twice", async () => {
    comparison = { ...comparison, compared_at: START, found };
    expect(await start("fleet reconcile hel1 --remove 2", ["y"]).ended).toBe(4);
    expect(edge.calls.some(({ method }) => method === "POST")).toBe(false);
    expect(await start("fleet reconcile hel1 --remove 2", ["2"]).ended).toBe(0);
    expect(edge.calls.find(({ method }) => method === "POST")?.body).toEqual({ remove: 2 });
    expect(await start("fleet reconcile hel1 --remove 0").ended).toBe(2);
  });

  it("says when nobody compares", async () => {
    expect(await start("fleet reconcile hel1 --timeout 0").ended).toBe(1);
  });
});

describe("fleet pool", () => {
  const cost = { cpu_milli: 1_000, memory_mi: 6_144, volume_gi: 8 };
  const tier = { tier: "starter", size: 4, ready: 3, starting: 1, failed: 0, leaving: 0, cost };
  const tiers = [{ ...tier, hits: 97, misses: 3, hit_rate: 0.97, boxes: [] }];
  const pool = { cluster_id: "hel1", window_days: 7, tiers, cost };
  beforeEach(() => {
    edge.routes["GET /internal/clusters/hel1/pool"] = () => ({ body: pool });
    edge.routes["PUT /internal/clusters/hel1/pool"] = () => ({ body: pool });
  });

  it("shows what is kept ready, how often it was there, and what it costs", async () => {
    const { terminal, ended } = start("fleet pool show hel1");
    expect(await ended).toBe(0);
    expect(terminal.out[0]).toMatch(/starter +4 +3 +1 +0 +0 +97 % of 100 +1000m CPU, 6144 MiB, 8 GiB/);
  });

  it("sets the sizes that are named, and no others", async () => {
    expect(await start("fleet pool set hel1 --starter 4 --team 0").ended).toBe(0);
    const put = edge.calls.filter(({ method }) => method === "PUT");
    expect(put.map(({ body }) => body)).toEqual([{ starter: 4, team: 0 }]);
    const { terminal, ended } = start("fleet pool set hel1 --pro 2 --dry-run");
    expect(await ended).toBe(0);
    expect(terminal.out[0]).toContain("PUT http");
    expect(edge.calls.filter(({ method }) => method === "PUT")).toHaveLength(1);
  });

  it.each([
    ["fleet pool set hel1", 2, "Say how many"],
    ["fleet pool set hel1 --starter 201", 2, "200 at most"],
    ["fleet pool set hel1 --starter many", 2, "200 at most"],
    ["fleet pool show fsn1", 3, "There is: hel1"],
  ])("%s ends with %d", async (line, code, words) => {
    const { terminal, ended } = start(line);
    expect(await ended).toBe(code);
    expect(terminal.err.join()).toContain(words);
  });
});

it("fleet revoke-key takes one key, and says which are left", async () => {
  edge.routes["POST /internal/clusters/hel1/revoke-agent-key"] = () => ({ body: { cluster_id: "hel1", kids: ["k2"] } });
  expect(await start("fleet revoke-key hel1 k1").ended).toBe(4);
  const { terminal, ended } = start("fleet revoke-key hel1 k1", ["y"]);
  expect(await ended).toBe(0);
  expect(terminal.out).toEqual(["Keys of hel1 that are left: k2."]);
});

/**
 * A box whose gateway was taken over before its first line: what it reaches in its first moments, and a minute later.
 * The same program tries the same in a box without policy and gate, where everything must come through: a test that
 * can't fail shows nothing. Needs a cluster that enforces network policies.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type ClusterStack, startClusterStack } from "#tests/harness/cluster.ts";
import { insideTargets, type Platform, startPlatform } from "#tests/harness/inside.ts";
import { listenOutside, type Outside } from "#tests/harness/outside.ts";
import { ProbeBox, type ProbeOptions, type Target } from "#tests/harness/probe-box.ts";
import { until } from "#tests/harness/until.ts";

const MINUTE = 60_000;
const EDGE = "the edge";
const TENANT = "another tenant's pod";
const OPEN_TENANT = "another tenant's pod that has lost its policy";
const BOUND = { policy: true, gate: "on" } as const;
const UNBOUND = { policy: false, gate: "off" } as const;

let cluster: ClusterStack;
let outside: Outside;
let platform: Platform;
let edge: Target;
let forbidden: Target[];
const made: ProbeBox[] = [];
let attacker: ProbeBox;
let control: ProbeBox;
let late: ProbeBox;

async function start(who: string, targets: Target[], options: Pick<ProbeOptions, "policy" | "gate">) {
  const box = new ProbeBox(cluster, { who, targets, ...options });
  made.push(box);
  await box.start();
  return box;
}

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  outside = await listenOutside();
  const { hostname, port } = new URL(cluster.stack.url);
  edge = { name: EDGE, protocol: "tcp", host: hostname, port: Number(port) };
  const [tenant, openTenant, started] = await Promise.all([
    start("tenant", [edge], BOUND),
    start("open tenant", [edge], UNBOUND),
    startPlatform(),
  ]);
  platform = started;
  await Promise.all([tenant.roundsUntil(0), openTenant.roundsUntil(0)]);
  forbidden = [
    ...(await insideTargets(platform)),
    { name: TENANT, protocol: "tcp", host: await tenant.podIp(), port: 8_080 },
    { name: OPEN_TENANT, protocol: "tcp", host: await openTenant.podIp(), port: 8_080 },
    ...outside.targets,
  ];
  const all = [edge, ...forbidden];
  [attacker, control, late] = await Promise.all([
    start("attacker", all, BOUND),
    start("control", all, UNBOUND),
    start("late", all, { policy: false, gate: "on" }),
  ]);
});

afterAll(async () => {
  await Promise.all(made.map((box) => box.remove()));
  await platform?.remove();
  outside?.close();
  await cluster?.close();
});

const openIn = (rounds: { open: string[] }[]): string[] => [...new Set(rounds.flatMap(({ open }) => open))].sort();

describe("without policy and gate", () => {
  test("everything comes through, but for a tenant who has a policy of its own", async () => {
    const rounds = await control.roundsUntil(2_000);
    const reachable = [edge, ...forbidden].map(({ name }) => name).filter((name) => name !== TENANT);
    expect(openIn(rounds)).toEqual(reachable.sort());
    expect(outside.heard()).toContain("control");
  });
});

describe("a box that was taken over before its first line", () => {
  test("reaches the edge and nothing else in its first 100 ms", async () => {
    const first = (await attacker.roundsUntil(1_000)).filter(({ at_ms }) => at_ms < 100);
    expect(first.length).toBeGreaterThan(0);
    expect(openIn(first)).toEqual([EDGE]);
  });

  test("reaches the edge and nothing else a minute later, nor at any time before", async () => {
    const rounds = await attacker.roundsUntil(MINUTE);
    expect(rounds.length).toBeGreaterThan(30);
    expect(openIn(rounds)).toEqual([EDGE]);
    expect(rounds.at(-1)?.open).toEqual([EDGE]);
    expect(outside.heard()).not.toContain("attacker");
  });
});

describe("a box whose policy does not come into force", () => {
  test("runs nothing, and says why until it gives up after a minute", async () => {
    const reason = await until("the container's last words", () => late.lastWords(), 2 * MINUTE);
    expect(reason).toMatch(
      /^egress_open: the network policy is not in force: the API server \(.+:443\), the node's kubelet \(/,
    );
    expect(reason).toMatch(/can be reached, 60 s after the start$/);
    expect(await late.rounds()).toEqual([]);
    expect(await late.log()).toContain("egress_gate_shut");
    expect(outside.heard()).not.toContain("late");
  });

  test("starts once it has come into force, and never reached more than the edge", async () => {
    await late.enforce();
    const rounds = await late.roundsUntil(2_000, 3 * MINUTE);
    expect(openIn(rounds)).toEqual([EDGE]);
    expect(outside.heard()).not.toContain("late");
  });
});

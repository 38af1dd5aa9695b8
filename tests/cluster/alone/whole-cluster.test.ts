/** What is found of a cluster as a whole, while nobody else works in it: by doctor, and by a full comparison. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import {
  applyManifests,
  type ClusterStack,
  kubectl,
  kubectlByForce,
  startClusterStack,
} from "#tests/harness/cluster.ts";
import { operatorEnvironment, runCommand } from "#tests/harness/command-line.ts";
import { compareNow, lastComparison } from "#tests/harness/comparison.ts";
import { Customer } from "#tests/harness/customer.ts";
import { namespaceExists } from "#tests/harness/kube-reads.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
const log: string[] = [];

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
});
afterAll(() => cluster?.close());

describe("before there is an agent", () => {
  const run = (line: string, other: Record<string, string> = {}) =>
    runCommand(line.split(" "), { ...operatorEnvironment(cluster), ...other });

  test("the commands can't know what a box should look like, and say so", async () => {
    const { box } = await cluster.operator.provision(new Customer(cluster, "nina").order);
    const { code, out, err } = await run(`boxes diff ${box.id}`, { GATEWAY_IMAGE: "" });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("No fleet-agent runs in this cluster");
  });

  test("doctor finds that it is missing, and an admission policy that somebody has unbound", async () => {
    await kubectl(["delete", "validatingadmissionpolicybinding", "fleet-bounds"]);
    const { code, out } = await run("doctor");
    await applyManifests();
    expect(code).toBe(1);
    expect(out).toContain("FAIL  agents of local: none is connected");
    expect(out).toContain("FAIL  admission policies: missing, or not bound: fleet-bounds");
    expect(out).toContain("→ kubectl apply -f cluster/manifests/admission");
  });
});

/** A namespace of a box, as an older snapshot of the cluster would bring it back. */
async function bringBack(id: string): Promise<string> {
  const name = `customer-${id}`;
  const labels = {
    "app.kubernetes.io/managed-by": "fleet-agent",
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "v1.33",
  };
  const object = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels, annotations: { "fleet/fence": "1" } },
  };
  await kubectlByForce(["apply", "-f", "-"], JSON.stringify(object));
  return name;
}
/** Rows of boxes that were destroyed long ago. */
async function tombstones(count: number): Promise<string[]> {
  const rows = await cluster.stack.services.neon.query(
    `insert into boxes (id, cluster_id, tier, status, desired_status, model, thinking_level, language, telegram_user_ids, destroyed_at)
     select gen_random_uuid(), $1, 'starter', 'destroyed', 'destroyed', 'm', 'low', 'en', '{}', now() from generate_series(1, $2::int)
     returning id`,
    ["local", count],
  );
  return rows.map(({ id }) => String(id));
}

describe("a full comparison", () => {
  beforeAll(async () => {
    cluster.startAgent((line) => log.push(line));
    await until("the agent's first one", () => log.some((line) => line.includes("the cluster was compared")));
  });

  test("removes what is recorded as destroyed and came back, and leaves alone what nobody knows", async () => {
    const { found: before } = await compareNow(cluster.operator);
    const [gone] = await tombstones(1);
    const back = await bringBack(gone ?? "");
    const stranger = await bringBack(newId());
    const { found, brake } = await compareNow(cluster.operator);
    expect(found).toMatchObject({ strays: (before?.strays ?? 0) + 2, unknown: (before?.unknown ?? 0) + 1 });
    expect(brake).toBeNull();
    await until("its removal", async () => !(await namespaceExists(back)), 60_000);
    expect(await namespaceExists(stranger)).toBe(true);
    await kubectl(["delete", "namespace", stranger, "--wait=false"]);
  });

  test("holds a mass deletion back until an operator says how many boxes", async () => {
    const names = await Promise.all((await tombstones(7)).map(bringBack));
    const { brake } = await compareNow(cluster.operator);
    expect(brake?.boxes).toHaveLength(7);
    // The agent says so when the edge, which others ask, has answered it.
    await until("its log", () => log.some((line) => line.includes("an operator must confirm")));
    expect(await Promise.all(names.map(namespaceExists))).toEqual(names.map(() => true));
    expect((await cluster.operator.send("POST", "/internal/clusters/local/reconcile", { remove: 6 })).status).toBe(409);

    await compareNow(cluster.operator, { remove: 7 });
    await until("their removal", async () => !(await Promise.all(names.map(namespaceExists))).includes(true), 120_000);
    expect((await lastComparison(cluster.operator)).brake).toBeNull();
  });
});

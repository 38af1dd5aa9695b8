/** The operators' commands against a real cluster with one box, as they are typed: what they do, say and end with. */
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { AgentProcess } from "#cluster/local/agent.ts";
import type { BackupAccepted } from "#schema/contracts/backups.ts";
import type { FleetCluster } from "#schema/contracts/fleet-status.ts";
import type { Accepted, Box, Job } from "#schema/contracts/internal.ts";
import type { Token } from "#schema/contracts/tokens.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import { type ClusterStack, kubectl, kubectlJson, podsOf, startClusterStack } from "#tests/harness/cluster.ts";
import { type Ended, operatorEnvironment, runCommand } from "#tests/harness/command-line.ts";
import { Customer } from "#tests/harness/customer.ts";
import { inPod } from "#tests/harness/in-pod.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
let agent: AgentProcess;
let eve: Customer;
let id: string;
let namespace: string;
const NOBODYS_CLUSTER = join(tmpdir(), `nobodys-cluster-${process.pid}.kubeconfig`);

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  agent = cluster.startAgent();
  eve = new Customer(cluster, "eve");
  const { box, job } = await cluster.operator.provision(eve.order);
  ({ id, namespace } = box);
  writeFileSync(
    NOBODYS_CLUSTER,
    (await kubectl(["config", "view", "--raw"])).replace(/server: .*/, "server: https://127.0.0.1:1"),
  );
  await cluster.operator.succeeded(job.id, 270_000);
});
afterAll(async () => {
  rmSync(NOBODYS_CLUSTER, { force: true });
  await cluster.close();
});

const run = (line: string, other: Record<string, string> = {}, input?: string): Promise<Ended> =>
  runCommand(line.split(" "), { ...operatorEnvironment(cluster), ...other }, input);

/** What it prints; it has to end well. */
async function done(line: string, input?: string): Promise<string> {
  const { code, out, err } = await run(line, {}, input);
  if (code !== 0) throw new Error(`${line}: ${code} ${out}${err}`);
  return out;
}
const json = async <T>(line: string): Promise<T> => JSON.parse(await done(`${line} --json`)) as T;

const podUid = async () => (await podsOf(namespace))[0]?.metadata.uid;

describe("looking", () => {
  test("boxes list and get tell how the pod is", async () => {
    await until("the box to be healthy", async () => (await cluster.operator.box(id)).health === "healthy");
    const [listed, got] = await Promise.all([done("boxes list --status active"), done("boxes get @eve_bot")]);
    expect(listed).toMatch(new RegExp(`${id} +active +healthy +starter +local .*@eve_bot +eve@example.com`));
    expect(got).toMatch(/health +healthy, seen .* ago/);
    expect(got).toContain(`namespace ${namespace}`);
  });

  test("boxes diff finds that every object is what it should be", async () => {
    const { same, objects } = await json<{ same: boolean; objects: { kind: string }[] }>(`boxes diff ${id}`);
    expect(same).toBe(true);
    const kinds =
      "Namespace ServiceAccount ResourceQuota LimitRange NetworkPolicy PersistentVolumeClaim Deployment Secret";
    expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds.split(" ")));
  });

  test("boxes logs are the pod's", async () => {
    const [all, last, none] = await Promise.all([
      done(`boxes logs ${id}`),
      done(`boxes logs ${id} --tail 2 --since 1h`),
      run(`boxes logs ${id} --previous`),
    ]);
    expect(all).toContain('"event":"box_applied"');
    // The kubelet may have found it ready just before its supervisor says so.
    await until("its word", async () => (await done(`boxes logs ${id}`)).includes('"event":"ready"'));
    expect(last.trim().split("\n")).toHaveLength(2);
    expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/^gateway-.* has no such log .*previous/) });
  });

  test("doctor finds nothing wrong, and has tried the admission policies", async () => {
    const told = await done("doctor");
    expect(told).not.toContain("FAIL");
    for (const check of ["edge", "operator key", "agents of local", "rights", "admission policies"]) {
      expect(told).toMatch(new RegExp(`^ok {4}${check}: `, "m"));
    }
    expect(told).toMatch(/^ok {4}policy: only namespaces of boxes: another one is refused$/m);
    expect(told).toMatch(/^ok {4}policy: no older fence: an older one is refused$/m);
  });

  test("desired prints objects that the API server takes", async () => {
    const { data } = await kubectlJson<{ data: Record<string, string> }>(["get", "secret", "gateway", "-n", namespace]);
    const config = Buffer.from(data["box.json"] ?? "", "base64").toString();
    const objects = await done("desired --file - --fence 1000000", config);
    const apply = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
    expect((await kubectl(apply, objects)).match(/serverside-applied/g)).toHaveLength(8);
  });
});

describe("what can't be done", () => {
  test("is told in words, with the exit code of its kind", async () => {
    const wrongKey = { OPERATOR_KEY: "oc_ops_nobodys" };
    const cases: [line: string, other: Record<string, string>, code: number, words: string][] = [
      ["boxes get @nobodys_bot", {}, 3, 'There is no box "@nobodys_bot". Name it by its id'],
      [`boxes diff ${crypto.randomUUID()}`, {}, 3, "There is no such box"],
      ["boxes list", wrongKey, 4, "key"],
      [
        `boxes diff ${id}`,
        { KUBECONFIG: "/nowhere/kubeconfig" },
        2,
        "/nowhere/kubeconfig can't be read as a kubeconfig",
      ],
      [`boxes diff ${id}`, { KUBECONFIG: NOBODYS_CLUSTER }, 5, "The cluster's API server does not answer"],
      [`boxes diff ${id}`, { CLUSTER_ID: "hel1" }, 2, "This box is in local, but the environment names hel1"],
      // The agent's own identity, which may not read logs.
      [`boxes logs ${id}`, { KUBECONFIG: cluster.agentEnv.KUBECONFIG ?? "" }, 4, 'cannot get resource "pods/log"'],
      ["fleet reconcile hel1", {}, 3, 'There is no cluster "hel1". There is: local.'],
      [`boxes suspend ${id}`, {}, 4, "There is no terminal to ask on: confirm with --yes."],
      [`boxes reactivate ${id}`, {}, 4, "only a suspended box can be reactivated"],
    ];
    const ended = await Promise.all(cases.map(([line, other]) => run(line, other)));
    expect(ended.map(({ code, out, err }) => ({ code, out, err }))).toEqual(
      cases.map(([, , code, words]) => ({ code, out: "", err: expect.stringContaining(words) })),
    );
    expect(JSON.stringify(ended)).not.toContain(wrongKey.OPERATOR_KEY);
  });

  test("doctor says which cluster does not answer, and looks at the rest", async () => {
    await until("the box to be healthy", async () => (await cluster.operator.box(id)).health === "healthy");
    const { code, out, err } = await run("doctor", { KUBECONFIG: NOBODYS_CLUSTER });
    expect([code, err], out).toEqual([1, expect.stringMatching(/^1 of \d+ checks failed/)]);
    expect(out).toContain("FAIL  cluster: ");
    expect(out).toContain("ok    operator key: ");
  });
});

describe("changing", () => {
  test("drain lets a restart wait, and its end lets it happen", async () => {
    const before = await podUid();
    expect(await done("fleet drain local --yes")).toContain("local is at rest: nothing writes to it.");
    const { job } = await json<Accepted>(`boxes restart ${id}`);
    const [queued, status] = await Promise.all([json<Job[]>("jobs list --status queued"), done("fleet status")]);
    expect(queued.map((one) => one.id)).toEqual([job.id]);
    expect(status).toContain("local: drained since ");
    expect(await done("fleet drain local --undo")).toContain("local is back at work.");
    expect(await json<Job>(`jobs get ${job.id} --wait`)).toMatchObject({ type: "restart", status: "succeeded" });
    expect(await podUid()).not.toBe(before);
  });

  test("tokens rotate gives the pod another token, and refuses the old one", async () => {
    const [old] = await json<Token[]>(`tokens list --box ${id}`);
    expect(await done(`tokens rotate ${old?.id} --overlap 0 --yes --wait`)).toContain("The box has it.");
    expect(await json<Token>(`tokens get ${old?.id}`)).toMatchObject({ status: "revoked" });
    expect(await eve.says("with another token?")).toContain("with another token?");
  });

  test("backup and restore bring back what was overwritten", async () => {
    await inPod(namespace, "echo first > /data/workspace/NOTES.md");
    const { backup } = await json<BackupAccepted>(`backup ${id} --wait`);
    expect(await done(`backups list --box ${id} --status stored`)).toContain(backup.id);
    await inPod(namespace, "echo second > /data/workspace/NOTES.md");
    expect(await done(`restore ${backup.id} --box ${id} --yes --wait --timeout 240`)).toContain(
      "has the backup, and is active.",
    );
    expect(await inPod(namespace, "cat /data/workspace/NOTES.md")).toBe("first");
  });

  test("suspend, resize and reactivate end with a pod of the other plan", async () => {
    expect(await done(`boxes suspend ${id} --yes --wait`)).toBe("@eve_bot of eve@example.com is suspended.\n");
    expect(await run(`boxes logs ${id}`)).toMatchObject({ code: 3, err: expect.stringContaining("it has no pod") });
    await done(`boxes resize ${id} --tier pro --wait`);
    const { box } = await json<{ box: Box }>(`boxes reactivate ${id} --wait`);
    expect(box).toMatchObject({ status: "active", tier: "pro" });
    const path = "jsonpath={.items[0].spec.containers[0].resources.limits.cpu}";
    expect(TIERS.pro.cpu.limitMilli).not.toBe(TIERS.starter.cpu.limitMilli);
    expect(await kubectl(["get", "pods", "-n", namespace, "-o", path])).toBe(`${TIERS.pro.cpu.limitMilli / 1_000}`);
  });
});

describe("while no agent is there", () => {
  beforeAll(async () => {
    await agent.stop();
    await kubectl(["delete", "networkpolicy", "gateway", "-n", namespace]);
    const patch = JSON.stringify({ spec: { hard: { pods: "100" } } });
    await kubectl(["patch", "resourcequota", "gateway", "-n", namespace, "--type=merge", "-p", patch]);
  });

  test("diff finds what somebody changed", async () => {
    const diff = await run(`boxes diff ${id}`);
    expect(diff).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^2 of \d+ objects differ\. .* fleet reconcile local\.$/m),
    });
    expect(diff.out.split("\n")).toEqual(
      expect.arrayContaining(["- NetworkPolicy gateway: is missing", "~ ResourceQuota gateway"]),
    );
    expect(diff.out).toContain('spec.hard.pods: "100" → "');
  });

  test("status, reconcile and waiting say that nothing happens", async () => {
    const [status, reconcile] = await Promise.all([run("fleet status"), run("fleet reconcile local --timeout 1")]);
    expect(status).toMatchObject({ code: 0, out: expect.stringContaining("local: no fleet-agent is connected") });
    expect(reconcile).toMatchObject({ code: 1, err: "No agent has compared local within 1 s. The request stands.\n" });
  });

  test("an agent that is back and reconcile put it right", async () => {
    agent = cluster.startAgent();
    expect(await done("fleet reconcile local")).toMatch(/^boxes +1$/m);
    await until("no difference", async () => (await run(`boxes diff ${id}`)).code === 0, 60_000);
  });
});

describe("the end", () => {
  test("destroy shows, asks, and leaves nothing", async () => {
    const [dry, unasked] = await Promise.all([done(`boxes destroy ${id} --dry-run`), run(`boxes destroy ${id}`)]);
    expect(dry).toContain(`Nothing was sent. This would be: POST ${cluster.stack.url}/internal/destroy/${id}`);
    expect(unasked).toMatchObject({ code: 4, out: "" });
    expect(await done(`boxes destroy ${id} --yes --wait`)).toContain("is destroyed.");
    expect(await kubectl(["get", "namespace", namespace, "--ignore-not-found"])).toBe("");
    expect(await done(`boxes diff ${id}`)).toContain("(0 objects)");
    expect(await run(`boxes logs ${id}`)).toMatchObject({
      code: 3,
      err: expect.stringContaining("This box is destroyed"),
    });
  });

  test("revoke-key ends the agent's connection", async () => {
    const [local] = await json<FleetCluster[]>("fleet status");
    const kid = local?.agents?.[0]?.kid;
    expect(await done(`fleet revoke-key local ${kid} --yes`)).toBe("Keys of local that are left: none.\n");
    expect(await done("fleet status")).toContain("local: no fleet-agent is connected");
  });
});

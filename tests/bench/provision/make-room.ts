/**
 * Room for boxes that start at the same moment. A box that finds no room waits until another one is gone, and no such wait is
 * what is measured: where the nodes are too small, the pods of all boxes, ours and kubectl's alike, ask for less CPU meanwhile.
 */
import { execFileSync } from "node:child_process";
import { POD_LABEL } from "#fleet-agent/drivers/desired/metadata.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import { kubectl } from "#tests/harness/cluster.ts";
import { until } from "#tests/harness/until.ts";
import { cpuThatFits, freeShares, Nodes, Pods, roomFor } from "./room.ts";

const PROGRAM = "kubectl";
const NAME = "bench-room";
const KINDS = "mutatingadmissionpolicybinding,mutatingadmissionpolicy";
const REMOVE = ["delete", KINDS, NAME, "--ignore-not-found"];
const BOX = { cpuMilli: TIERS.starter.cpu.requestMilli, memoryMi: TIERS.starter.memory.requestMi };

export interface Room {
  /** What each box's pod requests. */
  cpuMilli: number;
  release(): Promise<unknown>;
}

/** @throws Error that says what the cluster lacks */
export async function makeRoom(count: number): Promise<Room> {
  const nodes = Nodes.parse(JSON.parse(await kubectl(["get", "nodes", "-o", "json"])));
  const pods = Pods.parse(JSON.parse(await kubectl(["get", "pods", "-A", "-o", "json"])));
  const free = freeShares(nodes, pods);
  const room = roomFor(free, BOX);
  if (room >= count) return { cpuMilli: BOX.cpuMilli, release: async () => undefined };
  const cpuMilli = cpuThatFits(free, BOX, count);
  if (cpuMilli === undefined)
    throw new Error(`the nodes have room for ${room} boxes, and too little memory for ${count}`);
  console.log(
    `The nodes have room for ${room} boxes: for ${count} at once, each asks for ${cpuMilli}m of CPU meanwhile.`,
  );
  const release = () => void execFileSync(PROGRAM, REMOVE, { stdio: "ignore" });
  process.once("exit", release);
  await askForLess(cpuMilli);
  return {
    cpuMilli,
    async release() {
      await kubectl(REMOVE);
      process.off("exit", release);
    },
  };
}

/** Returns once the API server goes by it. */
async function askForLess(cpuMilli: number): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: policy(cpuMilli) });
  await kubectl(["apply", "-f", "-"], list).catch(({ stderr }: { stderr?: string }) => {
    throw new Error(`a cluster this small needs MutatingAdmissionPolicy (Kubernetes 1.36): ${stderr}`);
  });
  await until("boxes to ask for less CPU", async () =>
    (await kubectl(["create", "-f", "-", "--dry-run=server", "-o", "json"], PROBE)).includes(`"cpu": "${cpuMilli}m"`),
  );
}

/** The policy, its binding. */
const policy = (cpuMilli: number): object[] => [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicy",
    metadata: { name: NAME },
    spec: {
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      matchConstraints: {
        objectSelector: { matchLabels: POD_LABEL },
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
      mutations: [
        {
          patchType: "JSONPatch",
          jsonPatch: {
            expression: `[JSONPatch{op: "replace", path: "/spec/containers/0/resources/requests/cpu", value: "${cpuMilli}m"}]`,
          },
        },
      ],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name: NAME },
    spec: { policyName: NAME },
  },
];

/** A pod that is not made, to see what the API server would make of it. */
const PROBE = JSON.stringify({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: NAME, namespace: "default", labels: POD_LABEL },
  spec: { containers: [{ name: NAME, image: NAME, resources: { requests: { cpu: `${BOX.cpuMilli}m` } } }] },
});

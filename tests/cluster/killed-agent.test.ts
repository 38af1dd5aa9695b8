/** A fleet-agent that is killed while it makes a box, and comes back: on real pods. Every single kill point is in kill-points.test.ts. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { AgentProcess } from "#cluster/local/agent.ts";
import { type ClusterStack, podReady, podsOf, startClusterStack } from "#tests/harness/cluster.ts";
import { Customer } from "#tests/harness/customer.ts";
import { namespaceExists } from "#tests/harness/kube-reads.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
let agent: AgentProcess;

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  agent = cluster.startAgent();
});

afterAll(async () => {
  await cluster?.close();
});

test("ends with one box, one pod and one valid token, and the box answers", async () => {
  const bob = new Customer(cluster, "bob");
  const { box, job } = await cluster.operator.provision(bob.order);
  await until("the namespace to be there", () => namespaceExists(box.namespace), 60_000);
  await agent.stop("SIGKILL");
  expect((await cluster.operator.job(job.id)).status).toBe("running");
  agent = cluster.startAgent();
  await cluster.operator.succeeded(job.id, 240_000);
  await podReady(box.namespace);

  expect(await podsOf(box.namespace)).toHaveLength(1);
  const tokens = await cluster.stack.services.neon.query("select status from proxy_tokens where box_id = $1", [box.id]);
  expect(tokens).toEqual([{ status: "active" }]);
  expect(await bob.says("did you make it?")).toContain("did you make it?");
  const gone = await cluster.operator.change("destroy", box.id);
  await cluster.operator.succeeded(gone.job.id);
});

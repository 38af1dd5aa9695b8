/** On a real cluster: a running pod of the pool becomes a customer's agent without a restart. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Box } from "#schema/contracts/internal.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import { type ClusterStack, kubectl, type Pod, podsOf, startClusterStack } from "#tests/harness/cluster.ts";
import { until } from "#tests/harness/until.ts";
import { firstPoll, WarmPool } from "#tests/harness/warm-pool.ts";

let cluster: ClusterStack;
let pool: WarmPool;

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  cluster.startAgent();
  pool = new WarmPool(cluster.operator);
});
afterAll(() => cluster.close());

async function onlyPod(namespace: string): Promise<Pod> {
  const [pod, ...more] = await podsOf(namespace);
  if (!pod || more.length > 0) throw new Error(`not one pod in ${namespace}`);
  return pod;
}

const restarts = (pod: Pod) => pod.status.containerStatuses?.map(({ restartCount }) => restartCount);

const readInPod = (namespace: string, pod: Pod, file: string) =>
  kubectl(["exec", "-n", namespace, pod.metadata.name, "--", "cat", file]);

async function chat(username: string, text: string): Promise<string> {
  const { telegram } = cluster.stack.services;
  const sent = telegram.sendAsUser({ userId: 1001, bot: username, text });
  const reply = await telegram.waitForReply({ userId: 1001, bot: username, after: sent.message_id, timeoutMs: 90_000 });
  return reply.text ?? "";
}

describe("a box of the warm pool on the cluster", () => {
  let waiting: string;
  let before: Pod;
  let box: Box;
  const username = "warm_bot";

  test("runs without an owner: no bot is polled, no token of anybody is in it, its first turn is taken", async () => {
    await pool.resize({ starter: 1 });
    waiting = namespaceOf((await pool.full("starter")).boxes[0]?.id ?? "");
    before = await onlyPod(waiting);
    const config = JSON.parse(await readInPod(waiting, before, "/etc/box/box.json"));
    expect(config).toMatchObject({ generation: 1, telegram: { bot_token: "", allow_from: [] } });
    expect(JSON.stringify(config)).not.toContain("ocp_");
    expect(cluster.stack.services.telegram.pollers()).toEqual([]);
    expect(await kubectl(["logs", "-n", waiting, before.metadata.name])).toContain("first_turn_done");
    expect(cluster.stack.services.model.requests(), "nobody's tokens were spent").toEqual([]);
  });

  test("is adopted: the same pod polls the owner's bot within seconds", async () => {
    const bot = cluster.stack.services.telegram.createBot({ username, name: "Warm" });
    const start = Date.now();
    const accepted = await cluster.operator.provision({
      customer_email: "warm@example.com",
      telegram_bot_token: bot.token,
      telegram_user_id: 1001,
      tier: "starter",
      language: "de",
    });
    box = accepted.box;
    expect(box.namespace).toBe(waiting);
    const took = (await firstPoll(cluster.stack, username)) - start;
    console.log(`request to first getUpdates: ${took} ms`);
    // The target is 3 s, which the benchmark measures on a quiet machine; a cold start would take far longer than this.
    expect(took).toBeLessThan(10_000);
    await cluster.operator.succeeded(accepted.job.id);
    const after = await onlyPod(waiting);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(restarts(after)).toEqual([0]);
  });

  test("answers its owner, through the proxy and in its owner's language", async () => {
    expect(await chat(username, "hello, warm one")).toContain("hello, warm one");
    await until("the ledger to hold the turn", async () => {
      const [month] = await cluster.stack.services.neon.query(
        "select requests::int from usage_monthly where customer_id = $1",
        [box.customer_id],
      );
      return Number(month?.requests) > 0;
    });
    const pod = await onlyPod(waiting);
    expect(await readInPod(waiting, pod, "/data/workspace/AGENTS.md")).toContain("Speak German with your owner");
    expect(pod.metadata.uid).toBe(before.metadata.uid);
  });

  test("has a successor, and is destroyed with its owner, not handed on", async () => {
    const next = (await pool.full("starter")).boxes[0]?.id ?? "";
    expect(namespaceOf(next)).not.toBe(waiting);
    expect(await pool.tier("starter")).toMatchObject({ hits: 1, misses: 0, hit_rate: 1 });
    const { job } = await cluster.operator.change("destroy", box.id);
    await cluster.operator.succeeded(job.id);
    await expect(kubectl(["get", "namespace", waiting])).rejects.toThrow(/not found/i);
    await pool.resize({ starter: 0 });
    expect((await pool.full("starter")).boxes).toEqual([]);
    await expect(kubectl(["get", "namespace", namespaceOf(next)])).rejects.toThrow(/not found/i);
  });
});

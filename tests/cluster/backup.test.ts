/**
 * On a real cluster: a pod's memory is copied while it works, the box is destroyed, and a new one has it again; and a
 * pod that follows one that was killed has it, too.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Backup } from "#schema/contracts/backups.ts";
import { type ClusterStack, isReady, kubectl, kubectlJson, podsOf, startClusterStack } from "#tests/harness/cluster.ts";
import { conversationIn, inPod } from "#tests/harness/in-pod.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
const log: string[] = [];

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  cluster.startAgent((line) => log.push(line));
});

afterAll(async () => {
  await cluster.close();
});

async function chat(username: string, text: string): Promise<string> {
  const { telegram } = cluster.stack.services;
  const sent = telegram.sendAsUser({ userId: 1001, bot: username, text });
  const after = sent.message_id;
  const reply = await telegram.waitForReply({ userId: 1001, bot: username, after, timeoutMs: 120_000 });
  return reply.text ?? "";
}

const restartsOf = async (namespace: string) =>
  (await podsOf(namespace)).map(({ metadata, status }) => [metadata.uid, status.containerStatuses?.[0]?.restartCount]);

describe("a box's memory", () => {
  const bot = { username: "backup_bot", token: "" };
  let namespace: string;
  let boxId: string;
  let backup: Backup;

  test("is copied by its own pod, which goes on, over the one way out that it has", async () => {
    bot.token = cluster.stack.services.telegram.createBot({ username: bot.username, name: "Backup" }).token;
    const made = await cluster.operator.provision({
      customer_email: "backup@example.com",
      telegram_bot_token: bot.token,
      telegram_user_id: 1001,
      tier: "starter",
    });
    ({ namespace, id: boxId } = made.box);
    await cluster.operator.succeeded(made.job.id, 240_000);
    expect(await chat(bot.username, "remember the word pomegranate")).toContain("pomegranate");
    await inPod(namespace, "echo 'The word is pomegranate.' > /data/workspace/MEMORY.md");
    const before = await restartsOf(namespace);

    const started = await cluster.operator.backUp(boxId);
    await cluster.operator.succeeded(started.job.id);
    backup = await cluster.operator.backup(started.backup.id);
    expect(backup).toMatchObject({ status: "stored", scheduled: false });
    expect(await restartsOf(namespace)).toEqual(before);
    expect(await chat(bot.username, "still here?")).toContain("still here?");

    const job = await cluster.operator.job(started.job.id);
    const seconds = (Date.parse(job.finished_at ?? "") - Date.parse(job.started_at ?? "")) / 1_000;
    console.log(`backup of ${backup.bytes} bytes in ${backup.files} files: job ${seconds} s`);
  });

  test("leaves no order and no key in the cluster, and nothing on the volume", async () => {
    const secret = await kubectlJson<{ data: Record<string, string> }>(["get", "secret", "gateway", "-n", namespace]);
    expect(Object.keys(secret.data)).toEqual(["box.json"]);
    expect(await inPod(namespace, "ls -A /data")).not.toContain(".backup");
  });

  test("is in a new box, after the old one and its volume are gone", async () => {
    const gone = await cluster.operator.change("destroy", boxId);
    await cluster.operator.succeeded(gone.job.id);
    const made = await cluster.operator.restore(backup.id, { telegram_bot_token: bot.token });
    expect(made.box.namespace).not.toBe(namespace);
    ({ namespace, id: boxId } = made.box);
    const job = await cluster.operator.succeeded(made.job.id, 280_000);
    const seconds = (Date.parse(job.finished_at ?? "") - Date.parse(job.started_at ?? "")) / 1_000;
    console.log(`restore into a new box: job ${seconds} s`);
    expect(await inPod(namespace, "cat /data/workspace/MEMORY.md")).toBe("The word is pomegranate.");
    expect(await conversationIn(namespace)).toContain("remember the word pomegranate");
    expect(await chat(bot.username, "are you back?")).toContain("are you back?");
  });

  test("damaged in the storage is refused with words, and the pod works on untouched", async () => {
    const [part] = cluster.stack.services.s3.objects();
    const content = Buffer.from(await cluster.stack.services.s3.read(part?.key ?? ""));
    await cluster.stack.services.s3.overwrite(part?.key ?? "", content.subarray(0, -1));
    const before = await restartsOf(namespace);
    const { job } = await cluster.operator.restore(backup.id, { box_id: boxId });
    await expect(cluster.operator.succeeded(job.id)).rejects.toThrow("The backup is damaged");
    expect(await restartsOf(namespace)).toEqual(before);
    expect(await cluster.operator.box(boxId)).toMatchObject({ status: "active" });
    expect(await chat(bot.username, "unharmed?")).toContain("unharmed?");
  });

  test("is at hand again after the pod was killed outright: its successor waits for nobody", async () => {
    const [killed] = await podsOf(namespace);
    // A process that is stopped can't end in order: it takes no signal but the last.
    await inPod(namespace, `kill -STOP $(grep -o '"pid":[0-9]*' /data/config/gateway.pid | cut -d: -f2)`);
    const since = performance.now();
    await kubectl(["delete", "pod", "-n", namespace, killed?.metadata.name ?? "", "--force", "--grace-period=0"]);
    const next = await until(
      "another pod to be ready",
      async () => (await podsOf(namespace)).find((pod) => pod.metadata.uid !== killed?.metadata.uid && isReady(pod)),
      240_000,
    );
    console.log(`killed outright: ready again after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
    expect(next.status.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(await kubectl(["logs", "-n", namespace, next.metadata.name])).toContain('"event":"leases_forgotten"');
    expect(await conversationIn(namespace)).toContain("remember the word pomegranate");
    expect(await chat(bot.username, "and now?")).toContain("and now?");
  });

  test("no key or token of it was logged", () => {
    const everything = log.join("\n");
    expect(everything.length).toBeGreaterThan(500);
    expect(everything).not.toMatch(/"(key|token)":/);
    expect(everything).not.toContain(cluster.stack.secrets.s3Secret);
  });
});

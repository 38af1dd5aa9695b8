/** On a real cluster: a pod's memory is copied while it works. That it is put back is shown by the local driver (tests/e2e). */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Backup } from "#schema/contracts/backups.ts";
import { type ClusterStack, kubectl, kubectlJson, podsOf, startClusterStack } from "#tests/harness/cluster.ts";

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

async function inPod(namespace: string, script: string): Promise<string> {
  const [pod] = await podsOf(namespace);
  return (await kubectl(["exec", "-n", namespace, pod?.metadata.name ?? "", "--", "sh", "-c", script])).trim();
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

  test("no key or token of it was logged", () => {
    const everything = log.join("\n");
    expect(everything.length).toBeGreaterThan(500);
    expect(everything).not.toMatch(/"(key|token)":/);
    expect(everything).not.toContain(cluster.stack.secrets.s3Secret);
  });
});

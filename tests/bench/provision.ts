/**
 * How long a customer waits: from the operator's call to the pod's Ready and to the first answer, next to a plain
 * `kubectl apply` of the same objects. The two take turns in one run, so that the machine's mood meets both alike.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "#cluster/local/edge.ts";
import { readClusterSettings } from "#fleet-agent/config.ts";
import { allObjects, boxObjects } from "#fleet-agent/desired/box-objects.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { namespaceOf, newId } from "#schema/domain/ids.ts";
import { MODELS } from "#schema/domain/models.ts";
import { type ClusterStack, kubectl, podReady, startClusterStack } from "#tests/harness/cluster.ts";
import { median } from "./percentile.ts";

export const rounds = 5;

interface Round {
  requestToReady: number;
  requestToFirstAnswer: number;
  kubectlToReady: number;
}

export async function bench(count: number): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-bench-"));
  const cluster = await startClusterStack(await bundleWorker(folder));
  cluster.startAgent();
  try {
    const done: Round[] = [];
    for (let i = 0; i < count; i++) {
      const ours = await provision(cluster, i);
      done.push({ ...ours, kubectlToReady: await apply(cluster, i) });
      report(i, done.at(-1));
    }
    return {
      rounds: count,
      request_to_ready_p50_ms: Math.round(median(done.map((round) => round.requestToReady))),
      kubectl_to_ready_p50_ms: Math.round(median(done.map((round) => round.kubectlToReady))),
      request_to_first_answer_p50_ms: Math.round(median(done.map((round) => round.requestToFirstAnswer))),
    };
  } finally {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function report(i: number, round: Round | undefined): void {
  if (i === 0) console.log("round  request→Ready  request→first answer  kubectl apply→Ready   (ms)");
  const { requestToReady = 0, requestToFirstAnswer = 0, kubectlToReady = 0 } = round ?? {};
  const cell = (value: number, width: number) => Math.round(value).toString().padStart(width);
  console.log(
    `${cell(i + 1, 5)}${cell(requestToReady, 15)}${cell(requestToFirstAnswer, 22)}${cell(kubectlToReady, 21)}`,
  );
}

/** Our way: the call, the job, the agent; then a message to the bot, which waits in Telegram until it is read. */
async function provision({ operator, stack }: ClusterStack, round: number): Promise<Omit<Round, "kubectlToReady">> {
  const { telegram } = stack.services;
  const bot = telegram.createBot({ username: `bench${round}_bot`, name: "Bench" });
  const start = performance.now();
  const { box, job } = await operator.provision({
    customer_email: `bench${round}@example.com`,
    telegram_bot_token: bot.token,
    telegram_user_id: 1001,
    tier: "starter",
  });
  const sent = telegram.sendAsUser({ userId: 1001, bot: bot.username, text: "first words" });
  const answered = telegram
    .waitForReply({ userId: 1001, bot: bot.username, after: sent.message_id, timeoutMs: 180_000 })
    .then(() => performance.now());
  const ready = await podReady(box.namespace);
  const first = await answered;
  await operator.succeeded(job.id);
  const gone = await operator.change("destroy", box.id);
  await operator.succeeded(gone.job.id);
  return { requestToReady: ready - start, requestToFirstAnswer: first - start };
}

/** The floor: the same objects, made beforehand, by one `kubectl apply`. */
async function apply({ stack, agentEnv }: ClusterStack, round: number): Promise<number> {
  const bot = stack.services.telegram.createBot({ username: `plain${round}_bot`, name: "Plain" });
  const box = desiredBox(bot.token, stack.url, stack.services.url);
  const items = allObjects(boxObjects(box, readClusterSettings(agentEnv)));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const start = performance.now();
  await kubectl(["apply", "-f", "-"], list);
  const ready = await podReady(namespaceOf(box.box_id));
  await kubectl(["delete", "namespace", namespaceOf(box.box_id), "--wait=true"]);
  return ready - start;
}

function desiredBox(botToken: string, edge: string, services: string): DesiredBox {
  const id = newId();
  const model = MODELS["kimi-coding/k2p5"];
  return {
    box_id: id,
    customer_id: newId(),
    generation: 1,
    fence: 1,
    status: "active",
    tier: "starter",
    restart_token: "0",
    config: {
      box_id: id,
      generation: 1,
      language: "en",
      thinking_level: "low",
      system_prompt: null,
      model: {
        id: "kimi-coding/k2p5",
        name: model.name,
        context_window: model.contextWindow,
        max_output_tokens: model.maxOutputTokens,
        images: model.images,
      },
      proxy: { base_url: `${edge}/v1`, token: "none: this pod is only waited for" },
      gateway_token: "plain-gateway-token",
      telegram: { bot_token: botToken, allow_from: ["1001"], api_root: `${services}/telegram` },
    },
  };
}

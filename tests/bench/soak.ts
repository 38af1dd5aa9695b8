/**
 * An hour of a real box at the Starter tier's limits, on a real cluster (KUBECONFIG, GATEWAY_IMAGE, EDGE_HOST): a hundred turns
 * with tools, long questions, long answers and a growing conversation, through the proxy. Tells the most memory that was used,
 * and whether the kernel killed anything. `--rounds N` for another number of turns, `--seconds N` for another length.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundleWorker } from "#cluster/local/edge.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import {
  applyManifests,
  type ClusterStack,
  kubectl,
  kubectlJson,
  podReady,
  startClusterStack,
} from "#tests/harness/cluster.ts";
import { percentile } from "./percentile.ts";
import { memoryOf, type PodMemory } from "./soak/pod-memory.ts";
import { turnText } from "./soak/turns.ts";

export const rounds = 100;
const SECONDS = 3_600;
const BOT = "soak_bot";
const PERSON = 1001;
/** A turn that takes longer counts as failed. */
const PATIENCE_MS = 180_000;
/** The agent's log, shown when the soak fails. */
const LOG_LINES = 40;
/** A month of Starter is some sixty turns: before that, a new one begins. */
const TURNS_A_MONTH = 30;

interface Soak {
  turns: number;
  failed: number;
  minutes: number;
  restarts: number;
  oom_killed: boolean;
  /** Heaps and stacks, the most of what was seen after each turn. */
  held_mib: number;
  /** With the kernel's cache of files, which fills what is left up to the limit. */
  peak_mib: number;
  limit_mib: number;
  turn_p50_ms: number;
  turn_p95_ms: number;
}

export async function bench(turns: number, { seconds = SECONDS }: { seconds?: number | undefined }): Promise<Soak> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-soak-"));
  const log: string[] = [];
  const cluster = await startSoakedStack(folder, log);
  try {
    const { id, namespace } = await makeBox(cluster);
    const startedAt = performance.now();
    const times: number[] = [];
    let failed = 0;
    let most: PodMemory = { peakMib: 0, limitMib: 0, heldMib: 0, killed: 0 };
    for (let turn = 0; turn < turns; turn++) {
      if (turn > 0 && turn % TURNS_A_MONTH === 0) await beginMonth(cluster, id);
      const ms = await takeTurn(cluster, turnText(turn)).catch(() => undefined);
      if (ms === undefined) failed++;
      else times.push(ms);
      const memory = await memoryOf(namespace);
      most = mostOf(most, memory);
      const took = ms === undefined ? "FAILED" : `${Math.round(ms)} ms`;
      console.log(`turn ${turn + 1}/${turns}: ${took}, holds ${memory.heldMib} MiB, peak ${memory.peakMib} MiB`);
      await pause(Math.max(0, startedAt + ((turn + 1) / turns) * seconds * 1_000 - performance.now()));
    }
    const ends = await endsOf(namespace);
    return {
      turns,
      failed,
      minutes: Math.round((performance.now() - startedAt) / 6_000) / 10,
      restarts: ends.restarts,
      oom_killed: most.killed > 0 || ends.reasons.includes("OOMKilled"),
      held_mib: most.heldMib,
      peak_mib: most.peakMib,
      limit_mib: TIERS.starter.memory.limitMi,
      turn_p50_ms: Math.round(percentile(times, 0.5)),
      turn_p95_ms: Math.round(percentile(times, 0.95)),
    };
  } catch (cause) {
    throw new Error(`${String(cause)}\nThe agent's last lines:\n${log.slice(-LOG_LINES).join("\n")}`, { cause });
  } finally {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function mostOf(one: PodMemory, other: PodMemory): PodMemory {
  return {
    peakMib: Math.max(one.peakMib, other.peakMib),
    limitMib: other.limitMib,
    heldMib: Math.max(one.heldMib, other.heldMib),
    killed: Math.max(one.killed, other.killed),
  };
}

async function startSoakedStack(folder: string, log: string[]): Promise<ClusterStack> {
  await applyManifests();
  const cluster = await startClusterStack(await bundleWorker(folder));
  cluster.startAgent((line) => log.push(line));
  return cluster;
}

async function makeBox({ stack, operator }: ClusterStack): Promise<{ id: string; namespace: string }> {
  const bot = stack.services.telegram.createBot({ username: BOT, name: "Soak" });
  const { box, job } = await operator.provision({
    customer_email: "soak@example.com",
    telegram_bot_token: bot.token,
    telegram_user_id: PERSON,
    tier: "starter",
  });
  await operator.succeeded(job.id, 600_000);
  await podReady(box.namespace, 600_000);
  return box;
}

/** From the message to the first words of its answer that come after it. */
async function takeTurn({ stack }: ClusterStack, text: string): Promise<number> {
  const { telegram } = stack.services;
  const startedAt = performance.now();
  const sent = telegram.sendAsUser({ userId: PERSON, bot: BOT, text });
  await telegram.waitForReply({ userId: PERSON, bot: BOT, after: sent.message_id, timeoutMs: PATIENCE_MS });
  return performance.now() - startedAt;
}

/** What a renewal of the subscription would do; the update makes the meter read it. */
async function beginMonth({ stack, operator }: ClusterStack, boxId: string): Promise<void> {
  await stack.services.neon.query(
    `update subscriptions set current_period_start = date_trunc('second', now()),
       current_period_end = date_trunc('second', now()) + interval '1 month'
     where id = (select subscription_id from boxes where id = $1)`,
    [boxId],
  );
  const { job } = await operator.update(boxId, { thinking_level: "low" });
  await operator.succeeded(job.id, 600_000);
}

interface PodEnds {
  items: {
    status: {
      containerStatuses?: { restartCount: number; lastState?: { terminated?: { reason?: string } } }[];
    };
  }[];
}

async function endsOf(namespace: string): Promise<{ restarts: number; reasons: string[] }> {
  const { items } = await kubectlJson<PodEnds>(["get", "pods", "-n", namespace]);
  const containers = items.flatMap(({ status }) => status.containerStatuses ?? []);
  const events = await kubectl(["get", "events", "-n", namespace, "-o", "jsonpath={.items[*].reason}"]);
  return {
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    reasons: [...containers.flatMap(({ lastState }) => lastState?.terminated?.reason ?? []), ...events.split(" ")],
  };
}

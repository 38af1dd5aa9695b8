import { setTimeout as delay } from "node:timers/promises";
import type { Accepted, Job } from "#schema/contracts/internal.ts";
import type { Operator } from "#tests/harness/operator.ts";
import { firstPoll } from "#tests/harness/warm-pool.ts";
import type { Bench } from "./stages.ts";

export interface Ordered {
  /** Ms from the operator's call. */
  toReady: number;
  toFirstPoll: number;
  toFirstAnswer: number;
  namespace: string;
}

const PERSON = 1001;

/**
 * Our way: the call, the job, the agent. A message to the bot waits in Telegram until it is read. The box is handed to `made` as
 * soon as it is ordered, to be removed however this ends.
 * @throws Error with what the job, the pod and the agent said last
 */
export async function orderBox(bench: Bench, limitMs: number, made: (ordered: Accepted) => void): Promise<Ordered> {
  const { cluster, ready } = bench;
  const { operator, stack } = cluster;
  const { telegram } = stack.services;
  const username = bench.name();
  const bot = telegram.createBot({ username, name: "Bench" });
  const [start, startedAt] = [performance.now(), Date.now()];
  const ordered = await operator.provision({
    customer_email: `${username}@example.com`,
    telegram_bot_token: bot.token,
    telegram_user_id: PERSON,
    tier: "starter",
  });
  made(ordered);
  const { namespace } = ordered.box;
  const sent = telegram.sendAsUser({ userId: PERSON, bot: username, text: "first words" });
  const reply = { userId: PERSON, bot: username, after: sent.message_id, timeoutMs: limitMs };
  const [readyAt, pollAt, answeredAt] = await unlessLost(bench, ordered, [
    ready.when(namespace, limitMs),
    firstPoll(stack, username, limitMs),
    telegram.waitForReply(reply).then(() => performance.now()),
  ]);
  await operator.succeeded(ordered.job.id, limitMs);
  return {
    toReady: readyAt - start,
    toFirstPoll: pollAt - startedAt,
    toFirstAnswer: answeredAt - start,
    namespace,
  };
}

/** All of these, or an error as soon as one is in vain or the job is lost. */
async function unlessLost<T extends readonly Promise<number>[]>(bench: Bench, ordered: Accepted, times: [...T]) {
  const over = new AbortController();
  try {
    return await Promise.race([Promise.all(times), loss(bench.cluster.operator, ordered.job.id, over.signal)]);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await lastWords(bench, ordered)}`);
  } finally {
    over.abort();
  }
}

/** Asked seldom: each question costs the machine time that the box starts with. */
const ASK_EVERY_MS = 2_000;
const LOST = new Set<Job["status"]>(["dead", "cancelled", "superseded"]);

async function loss(operator: Operator, jobId: string, signal: AbortSignal): Promise<never> {
  for (;;) {
    await delay(ASK_EVERY_MS, undefined, { signal });
    // If the edge gives no answer, use the box's own times.
    const job = await operator.job(jobId).catch(() => undefined);
    if (job && LOST.has(job.status)) throw new Error(`its job is ${job.status}`);
  }
}

const LINES = 5;

async function lastWords({ cluster, ready, log }: Bench, { box, job }: Accepted): Promise<string> {
  const now = await cluster.operator.job(job.id).catch(() => undefined);
  const said = [now?.error_code, now?.error_message, now?.steps.at(-1)?.message].filter(Boolean).join("; ");
  const lines = log.filter((line) => line.includes(box.id) || line.includes(job.id));
  return [
    `job ${job.id}: ${now ? `${now.status}, attempt ${now.attempt}; ${said}` : "the edge doesn't answer"}`,
    `pod in ${box.namespace}: ${ready.stateOf(box.namespace)}`,
    ...lines.slice(-LINES),
  ].join("\n");
}

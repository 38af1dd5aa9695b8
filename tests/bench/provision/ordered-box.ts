import type { ClusterStack } from "#tests/harness/cluster.ts";
import { firstPoll } from "#tests/harness/warm-pool.ts";
import type { ReadyPods } from "./ready-pods.ts";

export interface Ordered {
  /** Ms from the operator's call. */
  toReady: number;
  toFirstPoll: number;
  toFirstAnswer: number;
  namespace: string;
  remove: () => Promise<unknown>;
}

const PERSON = 1001;

/** Our way: the call, the job, the agent. A message to the bot waits in Telegram until it is read. */
export async function orderBox(
  { operator, stack }: ClusterStack,
  ready: ReadyPods,
  username: string,
): Promise<Ordered> {
  const { telegram } = stack.services;
  const bot = telegram.createBot({ username, name: "Bench" });
  const [start, startedAt] = [performance.now(), Date.now()];
  const { box, job } = await operator.provision({
    customer_email: `${username}@example.com`,
    telegram_bot_token: bot.token,
    telegram_user_id: PERSON,
    tier: "starter",
  });
  const sent = telegram.sendAsUser({ userId: PERSON, bot: username, text: "first words" });
  const reply = { userId: PERSON, bot: username, after: sent.message_id, timeoutMs: 600_000 };
  const [readyAt, pollAt, answeredAt] = await Promise.all([
    ready.when(box.namespace),
    firstPoll(stack, username, 600_000),
    telegram.waitForReply(reply).then(() => performance.now()),
  ]);
  await operator.succeeded(job.id, 600_000);
  return {
    toReady: readyAt - start,
    toFirstPoll: pollAt - startedAt,
    toFirstAnswer: answeredAt - start,
    namespace: box.namespace,
    remove: async () => operator.succeeded((await operator.change("destroy", box.id)).job.id, 600_000),
  };
}

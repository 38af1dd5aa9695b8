import { type Accepted, Box } from "#schema/contracts/internal.ts";
import type { OperatorClient } from "../../operator/operator-client.ts";
import type { ChangeOptions } from "../changing.ts";
import { followJob, type WaitOptions } from "../follow-job.ts";
import { answer } from "../operator.ts";
import type { Terminal } from "../terminal.ts";

export const nameOf = (box: Box): string => `@${box.telegram_bot_username} of ${box.customer_email ?? box.customer_id}`;

/** What was accepted, or with `--wait` how it ended. */
export async function tellAccepted(
  terminal: Terminal,
  operator: OperatorClient,
  accepted: Accepted,
  options: ChangeOptions & WaitOptions,
): Promise<void> {
  const { box, job } = accepted;
  if (!options.wait) {
    const follow = `Follow it: fleet-agent jobs get ${job.id} --wait`;
    return answer(terminal, options, accepted, () => `The ${job.type} of ${nameOf(box)} is job ${job.id}.\n${follow}`);
  }
  const ended = await followJob(terminal, operator, job, options);
  const now = await operator.get(`/internal/boxes/${job.box_id}`, Box);
  answer(terminal, options, { box: now, job: ended }, () => `${nameOf(now)} is ${now.status}.`);
}

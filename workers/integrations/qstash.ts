/** Wakes the mailbox through QStash. A message carries ids only; the job's row in Postgres is the truth. */
import { Client } from "@upstash/qstash";
import type { Config } from "../config.ts";

export interface Wake {
  job_id: string;
  box_id: string;
  cluster_id: string;
}

export interface Queue {
  /** Throws if QStash does not accept the message; then the sweep offers the job. */
  wake(message: Wake, attempt: number): Promise<void>;
}

export const JOBS_HOOK = "/hooks/qstash/jobs";
export const FAILED_HOOK = "/hooks/qstash/failed";

export function createQueue(config: Pick<Config, "QSTASH_URL" | "QSTASH_TOKEN" | "PUBLIC_URL">): Queue {
  const client = new Client({
    baseUrl: config.QSTASH_URL,
    token: config.QSTASH_TOKEN,
    retry: { retries: 2, backoff: (retry) => 200 * 2 ** retry },
    enableTelemetry: false,
    devMode: false,
  });
  return {
    wake: async (message, attempt) => {
      await client.publishJSON({
        url: config.PUBLIC_URL + JOBS_HOOK,
        body: message,
        retries: 5,
        retryDelay: "min(60000, pow(2, retried) * 1000)",
        failureCallback: config.PUBLIC_URL + FAILED_HOOK,
        deduplicationId: `${message.job_id}:${attempt}`,
      });
    },
  };
}

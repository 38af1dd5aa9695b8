import { inject } from "vitest";
import { type StackOptions, startStack } from "#cluster/local/stack.ts";
import type { Grant } from "#schema/contracts/fleet.ts";
import type { Accepted } from "#schema/contracts/internal.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { FleetClient } from "#tests/harness/fleet.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";

let made = 0;

/** The stack with an operator and an agent controlled by the test. */
export async function startEdgeTest({ operatorKey, ...options }: StackOptions & { operatorKey?: string } = {}) {
  const logs: string[] = [];
  const stack = await startStack({
    onEdgeLog: (line) => logs.push(line),
    bundle: inject("bundle"),
    database: await template("migrated"),
    ...options,
  });
  const operator = new Operator(stack.url, operatorKey ?? stack.secrets.operatorKey);
  const agent = new FleetClient(stack.url, stack.secrets.agentKey);
  return {
    stack,
    logs,
    operator,
    agent,
    close: () => stack.close(),

    /** A customer and bot of this call's own. */
    async order(change: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
      made += 1;
      const bot = stack.services.telegram.createBot({ username: `edge${made}_bot`, name: `Edge ${made}` });
      const customer = { customer_email: `edge${made}@example.com`, telegram_user_id: 1_001 };
      return { ...customer, telegram_bot_token: bot.token, tier: "starter", ...change };
    },

    async provision(change: Record<string, unknown> = {}): Promise<Accepted> {
      return operator.provision(await this.order(change));
    },

    /** The grant of this job; others that come along are left to their leases. */
    grantOf: (jobId: string): Promise<Grant> =>
      until(`the grant of ${jobId}`, async () => (await agent.poll(1)).find((grant) => grant.job_id === jobId)),

    /** Does the job as an agent would: fetches the box, says that it is done. */
    async carryOut(jobId: string): Promise<Grant> {
      const grant = await this.grantOf(jobId);
      const { generation } = await agent.desired(grant);
      const done = await agent.complete(jobId, {
        outcome: "succeeded",
        fence: grant.fence,
        observed_generation: generation,
      });
      if (!done.ok) throw new Error(`complete: ${done.status} ${await done.text()}`);
      return grant;
    },

    /** A box that is live. */
    async liveBox(change: Record<string, unknown> = {}): Promise<string> {
      const { box, job } = await this.provision(change);
      await this.carryOut(job.id);
      return box.id;
    },

    /** A model call with this token. */
    askModel: (token: string, more: Record<string, unknown> = {}): Promise<Response> =>
      fetch(`${stack.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({
          model: "kimi-coding/k2p5",
          max_tokens: 300,
          messages: [{ role: "user", content: "hello" }],
          ...more,
        }),
      }),

    query: (sql: string, params: unknown[] = []) => stack.services.neon.query(sql, params),
  };
}

export type EdgeTest = Awaited<ReturnType<typeof startEdgeTest>>;

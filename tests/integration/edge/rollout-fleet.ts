import { Rollout } from "#schema/contracts/rollouts.ts";
import type { EdgeTest } from "./edge-test.ts";

/** What the boxes of a fleet do on each image. */
export type Behaviour = (image: string | undefined) => "well" | "unhealthy" | "fails";

/** An agent of many boxes that does its jobs at once, and reports how the boxes are. */
export function playFleet(edge: EdgeTest, behaviour: Behaviour) {
  /** What each box runs. */
  const running = new Map<string, string | undefined>();

  return {
    running,

    /** Does every job that is granted, until none is left. */
    async work(): Promise<void> {
      for (
        let grants = await edge.agent.poll(0, [], 50);
        grants.length > 0;
        grants = await edge.agent.poll(0, [], 50)
      ) {
        await Promise.all(grants.map(carryOut));
      }
    },

    async report(): Promise<void> {
      const boxes = [...running].map(([box_id, image]) => {
        const bad = behaviour(image) === "unhealthy";
        return { box_id, health: bad ? "unhealthy" : "healthy", reason: bad ? "not working: telegram" : null };
      });
      const answer = await edge.agent.send("POST", "/fleet/health", { boxes });
      if (!answer.ok) throw new Error(`health: ${answer.status} ${await answer.text()}`);
      // The test's clock may be ahead of the edge's.
      await edge.query("update box_health set unhealthy_since = unhealthy_since - interval '1 minute'");
    },

    /** A minute: the agent's work and report, then the sweep. */
    async minute(): Promise<void> {
      await this.work();
      await this.report();
      await edge.stack.edge.runCron();
    },
  };

  async function carryOut(grant: Awaited<ReturnType<typeof edge.agent.poll>>[number]): Promise<void> {
    const { box_id, image, generation, status } = await edge.agent.desired(grant);
    const failed = status === "active" && behaviour(image) === "fails";
    if (status === "active") running.set(box_id, image);
    else running.delete(box_id);
    const { fence } = grant;
    const done = await edge.agent.complete(
      grant.job_id,
      failed
        ? {
            outcome: "failed",
            fence,
            failure: { code: "crash_loop", message: "The gateway keeps exiting.", retryable: true },
          }
        : { outcome: "succeeded", fence, observed_generation: generation },
    );
    if (!done.ok && done.status !== 409) throw new Error(`complete: ${done.status} ${await done.text()}`);
  }
}

export const getRollout = async (edge: EdgeTest, id: string): Promise<Rollout> => {
  const response = await edge.operator.send("GET", `/internal/rollouts/${id}`);
  return Rollout.parse(await response.json());
};

export async function registerImage(edge: EdgeTest, name: string, openclaw_version = "2026.9.6"): Promise<string> {
  const reference = `registry.example/gateway@sha256:${Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64)}`;
  const answer = await edge.operator.send("POST", "/internal/images", { reference, openclaw_version });
  if (answer.status !== 201) throw new Error(`image: ${answer.status} ${await answer.text()}`);
  return reference;
}

export async function startRollout(edge: EdgeTest, image: string, more: object = {}): Promise<Rollout> {
  const body = { image, soak_seconds: 0, max_concurrent: 20, ...more };
  const answer = await edge.operator.send("POST", "/internal/rollouts", body);
  if (answer.status !== 202) throw new Error(`rollout: ${answer.status} ${await answer.text()}`);
  return Rollout.parse(await answer.json());
}

/** Many more than any of these takes. */
const MOST_MINUTES = 60;

/** Runs a sweep per simulated minute until the rollout ends; returns each one's result. */
export async function passUntilOver(
  edge: EdgeTest,
  fleet: { minute(): Promise<void> },
  id: string,
): Promise<Rollout[]> {
  const seen: Rollout[] = [];
  for (let minute = 0; minute < MOST_MINUTES; minute++) {
    await fleet.minute();
    const now = await getRollout(edge, id);
    seen.push(now);
    if (now.finished_at !== null) return seen;
  }
  throw new Error(`after ${MOST_MINUTES} minutes: ${JSON.stringify(seen.at(-1))}`);
}

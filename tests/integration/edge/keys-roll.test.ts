/** Keys are rolled: what the old ones made stays good while they are named as the previous ones, and no longer. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

const key = () => randomBytes(32).toString("base64");
const NEW = { KEK_CURRENT: key(), TOKEN_KEY_CURRENT: key() };

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "keys-roll-"));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** The same deployment, started with these variables. */
async function deployed<T>(vars: Record<string, string>, act: (edge: EdgeTest) => Promise<T>): Promise<T> {
  const edge = await startEdgeTest({ dataDir, vars });
  return act(edge).finally(() => edge.close());
}

/** Completes this job, and returns the pod's configuration. */
async function told(edge: EdgeTest, jobId: string) {
  const grant = await edge.grantOf(jobId);
  const { config, generation } = await edge.agent.desired(grant);
  await edge.agent.complete(jobId, { outcome: "succeeded", fence: grant.fence, observed_generation: generation });
  if (!config) throw new Error("a box that lives has a configuration");
  return { token: config.proxy.token, bot: config.telegram.bot_token };
}

test("a box keeps its token and its bot when the keys are rolled, and loses them with the old keys", async () => {
  const { boxId, first, old } = await deployed({}, async (edge) => {
    const { box, job } = await edge.provision();
    return { boxId: box.id, first: await told(edge, job.id), old: edge.stack.secrets };
  });

  await deployed({ ...NEW, KEK_PREVIOUS: old.kek, TOKEN_KEY_PREVIOUS: old.tokenKey }, async (edge) => {
    const { job } = await edge.operator.change("restart", boxId);
    expect(await told(edge, job.id)).toEqual(first);
    expect((await edge.askModel(first.token)).status).toBe(200);
  });

  await deployed(NEW, async (edge) => {
    expect((await edge.askModel(first.token)).status).toBe(401);
    const { job } = await edge.operator.change("restart", boxId);
    const { job_id, fence } = await edge.grantOf(job.id);
    const answer = await edge.agent.send("GET", `/fleet/jobs/${job_id}/box?fence=${fence}`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("key");
  });
});

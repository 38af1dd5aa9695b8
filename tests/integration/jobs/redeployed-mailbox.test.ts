/** The edge is redeployed while an agent works: its mailbox restarts from its storage. */
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLocalConfig } from "#cluster/local/config.ts";
import { refuseTakenPorts } from "#cluster/local/ports.ts";
import { PollAnswer } from "#schema/contracts/fleet.ts";
import { type EdgeTest, startEdgeTest } from "../edge/edge-test.ts";

let dataDir: string;
let port: number;
let edge: EdgeTest;

/** Below those that the system gives to others: it is left for a moment, and taken again. */
async function ownPort(): Promise<number> {
  const port = randomInt(20_000, 30_000);
  const isFree = await refuseTakenPorts({ HOST: "127.0.0.1", PORT: port }, "").then(
    () => true,
    () => false,
  );
  return isFree ? port : ownPort();
}

const deploy = () => startEdgeTest({ dataDir, config: readLocalConfig({ PORT: String(port) }) });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "openclaw-cloud-redeployed-"));
  port = await ownPort();
  edge = await deploy();
});
afterAll(async () => {
  await edge.close();
  await rm(dataDir, { recursive: true, force: true });
});

test("a lease outlives it, nobody is granted the job a second time, and what waited is granted afterwards", async () => {
  const working = await edge.provision();
  const grant = await edge.grantOf(working.job.id);
  const waiting = await edge.provision();
  await edge.stack.services.qstash.idle();
  await edge.close();
  edge = await deploy();

  const { agent } = edge;
  const hello = { capacity: 10, running: [{ job_id: grant.job_id, fence: grant.fence }], wait: 0 };
  const answer = await agent.send("POST", "/fleet/poll", hello);
  const { messages } = PollAnswer.parse(await answer.json());
  expect(messages).toMatchObject([{ type: "grant", grant: { job_id: waiting.job.id, fence: 1 } }]);

  const beat = await agent.send("POST", `/fleet/jobs/${grant.job_id}/heartbeat`, { fence: grant.fence });
  expect(beat.status).toBe(200);
  const { generation } = await agent.desired(grant);
  const done = await agent.complete(grant.job_id, {
    outcome: "succeeded",
    fence: grant.fence,
    observed_generation: generation,
  });
  expect(done.status).toBe(204);
  expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "succeeded", attempt: 1 });
  expect(await edge.operator.box(working.box.id)).toMatchObject({ status: "active" });
});

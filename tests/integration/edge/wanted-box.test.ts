/** A box's desired state for operators: the same as for its agent, without secrets. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { configHash } from "#fleet-agent/drivers/desired/box-config.ts";
import { WantedBox } from "#schema/contracts/wanted-box.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const wanted = async (boxId: string) => {
  const response = await edge.operator.send("GET", `/internal/boxes/${boxId}/wanted`);
  const text = await response.text();
  return { box: WantedBox.parse(JSON.parse(text)), text };
};

test("is the same box under the same hash, without a secret", async () => {
  const { box, job } = await edge.provision();
  const grant = await edge.grantOf(job.id);
  const { config, customer_id: _, ...desired } = await edge.agent.desired(grant);
  if (!config) throw new Error("no configuration");
  const seen = await wanted(box.id);
  expect(seen.box).toEqual({ ...desired, config_hash: configHash(config) });
  for (const secret of [config.proxy.token, config.gateway_token, config.telegram.bot_token]) {
    expect(seen.text).not.toContain(secret);
  }
  const done = { outcome: "succeeded", fence: grant.fence, observed_generation: desired.generation } as const;
  await edge.agent.complete(job.id, done);
});

test("of a destroyed box is that it should not be there", async () => {
  const boxId = await edge.liveBox();
  const { job } = await edge.operator.change("destroy", boxId);
  expect((await wanted(boxId)).box).toMatchObject({ status: "destroyed", config_hash: null });
  await edge.carryOut(job.id);
  const unknown = await edge.operator.problem("GET", `/internal/boxes/${crypto.randomUUID()}/wanted`);
  expect(unknown.code).toBe("not_found");
});

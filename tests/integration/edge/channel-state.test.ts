/** A box says that its bot's messages don't get through: its job and its health have that reason, whatever a probe says. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { CHANNEL_PATH, type ChannelState } from "#schema/contracts/channel-state.ts";
import type { Grant } from "#schema/contracts/fleet.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

const REFUSED = { code: "bot_token_refused", reason: "Telegram refuses the bot's token (401)" } as const;
const AWAY = { code: "telegram_unreachable", reason: "Telegram does not answer" } as const;

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

let [boxId, token]: string[] = [];
let grant: Grant;
beforeEach(async () => {
  const { box, job } = await edge.provision();
  grant = await edge.grantOf(job.id);
  boxId = box.id;
  token = (await edge.agent.desired(grant)).config?.proxy.token;
});

async function tell(trouble: ChannelState["trouble"], generation = 1): Promise<void> {
  const response = await fetch(edge.stack.url + CHANNEL_PATH, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ generation, trouble }),
  });
  expect(response.status).toBe(204);
}
const box = () => edge.operator.box(boxId ?? "");
const live = async () => {
  const done = { outcome: "succeeded", fence: grant.fence, observed_generation: 1 } as const;
  expect((await edge.agent.complete(grant.job_id, done)).status).toBe(204);
};
const report = (health: "healthy" | "unhealthy") =>
  edge.agent.send("POST", "/fleet/health", {
    boxes: [
      { box_id: boxId, health, code: health === "unhealthy" ? "not_ready" : null, reason: "running but not ready" },
    ],
  });

test("a start with a token that Telegram refuses fails at once, with that reason, and its agent is told to stop", async () => {
  await tell(REFUSED);
  expect(await edge.operator.job(grant.job_id)).toMatchObject({
    status: "dead",
    attempt: 1,
    error_code: "bot_token_refused",
    error_message: REFUSED.reason,
  });
  expect(await box()).toMatchObject({ status: "failed", status_reason: REFUSED.reason });
  const { job_id, fence } = grant;
  const answer = await edge.agent.send("POST", "/fleet/poll", { capacity: 0, running: [{ job_id, fence }], wait: 0 });
  expect(await answer.json()).toEqual({ messages: [{ type: "abort", job_id }] });
});

test("a start waits a minute for a Telegram that is away, then it is tried again", async () => {
  await tell(AWAY);
  expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "running" });
  await edge.query("update operator_jobs set started_at = now() - interval '61 seconds' where id = $1", [grant.job_id]);
  await tell(AWAY);
  expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "queued", error_code: "telegram_unreachable" });
});

test("a box that already ran keeps the reason through its pod's reports, is not restarted, and is well again", async () => {
  await live();
  await tell(AWAY);
  await report("unhealthy");
  expect(await box()).toMatchObject({ health: "unhealthy", health_code: "telegram_unreachable" });
  await edge.query("update box_health set unhealthy_since = now() - interval '2 hours' where box_id = $1", [boxId]);
  await edge.stack.edge.runCron();
  expect((await edge.operator.jobs(`?box_id=${boxId}`)).map(({ type }) => type)).toEqual(["provision"]);
  await tell(null);
  expect(await box()).toMatchObject({ health: "healthy", health_code: null, status: "active" });
});

test("its agent's word that the box is ready, or fails otherwise, counts", async () => {
  await live();
  await tell(REFUSED);
  await report("healthy");
  expect(await box()).toMatchObject({ health: "healthy", health_code: null });
  await report("unhealthy");
  expect(await box()).toMatchObject({ health: "unhealthy", health_code: "not_ready" });
  await tell(null);
  expect(await box()).toMatchObject({ health: "unhealthy", health_code: "not_ready" });
});

test("what it says of an older configuration, or while it is to be suspended, ends nothing", async () => {
  await live();
  const restart = await edge.operator.change("restart", boxId ?? "");
  await edge.grantOf(restart.job.id);
  await tell(REFUSED, 1);
  expect((await edge.operator.job(restart.job.id)).status).toBe("running");
  const suspend = await edge.operator.change("suspend", boxId ?? "");
  await tell(REFUSED, 3);
  expect((await edge.operator.job(suspend.job.id)).status).toBe("queued");
  expect((await box()).health).toBe("healthy");
});

/** A newer wish ends the job that runs, instead of waiting for it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Grant, MailboxMessage } from "#schema/contracts/fleet.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
let told: MailboxMessage[];
let socket: WebSocket;
beforeAll(async () => {
  edge = await startEdgeTest();
  [socket, told] = await connect();
});
afterAll(async () => {
  socket.close();
  await edge.close();
});

async function connect(): Promise<[WebSocket, MailboxMessage[]]> {
  const url = `${edge.stack.url.replace("http", "ws")}/fleet/mailbox`;
  const opened = new WebSocket(url, { headers: { authorization: `Bearer ${await edge.agent.assertion()}` } });
  const messages: MailboxMessage[] = [];
  opened.on("message", (data) => messages.push(MailboxMessage.parse(JSON.parse(String(data)))));
  await new Promise((resolve) => opened.on("open", resolve));
  opened.send(JSON.stringify({ type: "hello", capacity: 1_000, running: [] }));
  return [opened, messages];
}

const granted = (jobId: string): Promise<Grant> =>
  until(`the grant of ${jobId}`, () =>
    told
      .flatMap((message) => (message.type === "grant" ? [message.grant] : []))
      .findLast((one) => one.job_id === jobId),
  );
const wasToldToStop = (jobId: string) => told.some((message) => message.type === "stop" && message.job_id === jobId);
const beat = async ({ job_id, fence }: Grant) => {
  const answer = await edge.agent.send("POST", `/fleet/jobs/${job_id}/heartbeat`, { fence });
  return answer.ok ? "kept" : ((await answer.json()) as { code: string }).code;
};
const stopped = ({ job_id, fence }: Grant) => edge.agent.complete(job_id, { outcome: "stopped", fence });
const succeed = async (grant: Grant) => {
  const { generation } = await edge.agent.desired(grant);
  await edge.agent.complete(grant.job_id, {
    outcome: "succeeded",
    fence: grant.fence,
    observed_generation: generation,
  });
};

/** A start that hangs: its agent has fetched the box and beats. */
async function hanging() {
  const { box, job } = await edge.provision();
  const grant = await granted(job.id);
  await edge.agent.desired(grant);
  expect(await beat(grant)).toBe("kept");
  return { boxId: box.id, grant };
}

describe("a start that hangs", () => {
  test.each([
    ["destroy", "destroyed"],
    ["suspend", "suspended"],
  ] as const)(
    "is ended by %s: told at once, recorded as superseded, the later job granted within five seconds",
    async (verb, end) => {
      const { boxId, grant } = await hanging();
      const since = Date.now();
      const later = (await edge.operator.change(verb, boxId)).job;
      await until("the agent to be told", () => wasToldToStop(grant.job_id));
      expect(await beat(grant)).toBe("superseded");
      expect((await stopped(grant)).status).toBe(204);
      const next = await granted(later.id);
      expect(Date.now() - since).toBeLessThan(5_000);
      expect(next.fence).toBe(grant.fence + 1);
      expect(await edge.operator.job(grant.job_id)).toMatchObject({
        status: "superseded",
        error_code: null,
        error_message: null,
      });
      expect(await beat(grant)).toBe("lease_lost");
      await succeed(next);
      expect((await edge.operator.box(boxId)).status).toBe(end);
    },
  );

  test("is ended by an update that replaces what it hangs on; the customer hears of the agent all the same", async () => {
    const { boxId, grant } = await hanging();
    const response = await edge.operator.send("POST", `/internal/update/${boxId}`, { language: "pt" });
    const { job } = (await response.json()) as { job: { id: string } };
    await until("the agent to be told", () => wasToldToStop(grant.job_id));
    await stopped(grant);
    await succeed(await granted(job.id));
    expect(await edge.operator.box(boxId)).toMatchObject({ status: "active", observed_generation: 2 });
    const announced = () =>
      edge.query("select 1 from box_health where box_id = $1 and ready_told_at is not null", [boxId]);
    await until("the letter", async () => (await announced()).length === 1);
  });

  test("keeps the box from the later job until its agent says that it has ended, or its lease is over", async () => {
    const { boxId, grant } = await hanging();
    const later = (await edge.operator.change("destroy", boxId)).job;
    await until("the agent to be told", () => wasToldToStop(grant.job_id));
    await edge.stack.edge.runCron();
    expect(await edge.operator.job(later.id)).toMatchObject({ status: "queued" });
    expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "running" });
    await edge.query("update operator_jobs set lease_until = now() - interval '1 minute' where id = $1", [
      grant.job_id,
    ]);
    await edge.stack.edge.runCron();
    const next = await granted(later.id);
    expect(next.fence).toBe(grant.fence + 1);
    expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "superseded", error_code: "lease_expired" });
    expect((await stopped(grant)).status).toBe(409);
  });

  test("that fails meanwhile is not tried again, and its own reason stays", async () => {
    const { boxId, grant } = await hanging();
    const later = (await edge.operator.change("suspend", boxId)).job;
    const failure = { code: "image" as const, message: "The image can't be pulled", retryable: true };
    await edge.agent.complete(grant.job_id, { outcome: "failed", fence: grant.fence, failure });
    expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "superseded", error_code: "image" });
    await succeed(await granted(later.id));
    expect(await edge.operator.box(boxId)).toMatchObject({ status: "suspended", status_reason: null });
  });

  test("whose agent reconnects is told again", async () => {
    const { boxId, grant } = await hanging();
    await edge.operator.change("destroy", boxId);
    const { job_id, fence } = grant;
    const answer = await edge.agent.send("POST", "/fleet/poll", { capacity: 0, running: [{ job_id, fence }], wait: 0 });
    expect(await answer.json()).toEqual({ messages: [{ type: "stop", job_id }] });
  });
});

describe("what goes on", () => {
  test("a job that began after the wish: it works for that already", async () => {
    const boxId = (await edge.provision()).box.id;
    const [provision] = await edge.operator.jobs(`?box_id=${boxId}`);
    const grant = await granted(provision?.id ?? "");
    await edge.query("update operator_jobs set started_at = now() + interval '1 minute' where id = $1", [grant.job_id]);
    await edge.operator.change("suspend", boxId);
    expect(await beat(grant)).toBe("kept");
    expect(wasToldToStop(grant.job_id)).toBe(false);
    expect((await edge.agent.desired(grant)).status).toBe("suspended");
    await succeed(grant);
  });

  test("a destroy, whatever is asked for afterwards; a job that succeeds before its agent hears of the newer one", async () => {
    const { boxId, grant } = await hanging();
    const later = (await edge.operator.change("suspend", boxId)).job;
    await succeed(grant);
    expect(await edge.operator.job(grant.job_id)).toMatchObject({ status: "succeeded" });
    const suspending = await granted(later.id);
    const destroy = (await edge.operator.change("destroy", boxId)).job;
    await until("the suspend's agent to be told", () => wasToldToStop(suspending.job_id));
    await stopped(suspending);
    const destroying = await granted(destroy.id);
    expect(await edge.operator.problem("POST", `/internal/suspend/${boxId}`)).toMatchObject({ status: 409 });
    expect(await beat(destroying)).toBe("kept");
  });

  test("a job that was told to stop for a newer one which is then cancelled", async () => {
    const { boxId, grant } = await hanging();
    const later = (await edge.operator.change("suspend", boxId)).job;
    await until("the agent to be told", () => wasToldToStop(grant.job_id));
    await edge.operator.send("POST", `/internal/jobs/${later.id}/cancel`);
    await stopped(grant);
    const again = await until("another attempt", async () => {
      const one = await granted(grant.job_id);
      return one.fence > grant.fence ? one : undefined;
    });
    expect(again.attempt).toBe(2);
  });
});

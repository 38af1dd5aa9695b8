/** Backups through the edge, with a supervisor and an agent that say what a test tells them. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Backup, BackupList } from "#schema/contracts/backups.ts";
import { answerToTrickle, statusOfAnnounced } from "#tests/harness/announced.ts";
import { until } from "#tests/harness/until.ts";
import { call, manifestOf, playBackups, put, sha256, tell } from "./backup-fleet.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

const { transferOf, orderOf, complete, stored } = playBackups(() => edge);

describe("a backup", () => {
  test("changes nothing of the box, stores what it was sent, and its token is over with its job", async () => {
    const box = await edge.liveBox();
    const started = await edge.operator.backUp(box);
    expect(started.backup).toMatchObject({ status: "pending", box_id: box, job_id: started.job.id, bytes: null });
    const { grant, order } = await orderOf(started.job.id);
    expect(order).toMatchObject({ kind: "backup", backup_id: started.backup.id, required: false, manifest: null });
    expect(await edge.operator.box(box)).toMatchObject({ status: "active", generation: 1 });
    expect(await transferOf(grant)).toEqual({ state: "pending" });

    const parts = [new Uint8Array(randomBytes(5_000)), new Uint8Array(randomBytes(60))];
    for (const [index, part] of parts.entries()) await put(order, index, part);
    expect((await tell(order, { outcome: "stored", manifest: manifestOf(parts) })).status).toBe(204);
    await complete(grant, 1);
    expect(await edge.operator.backup(started.backup.id)).toMatchObject({
      status: "stored",
      bytes: 5_060,
      sha256: manifestOf(parts).sha256,
      openclaw: "2026.9.6",
    });
    expect(await edge.operator.box(box)).toMatchObject({ status: "active", generation: 1, status_reason: null });
    const [first] = parts;
    expect((await put(order, 0, first ?? new Uint8Array())).status).toBe(409);
  });

  test("takes no part that is another than it says, too large, or without its size; none with another order's token", async () => {
    const [box, other] = [await edge.liveBox(), await edge.liveBox()];
    const { order } = await orderOf((await edge.operator.backUp(box)).job.id);
    const { order: others } = await orderOf((await edge.operator.backUp(other)).job.id);
    const part = new Uint8Array(randomBytes(100));
    expect((await put(order, 0, part, sha256(new Uint8Array(1)))).status).toBe(400);
    expect((await put(order, 0, part, "no hash")).status).toBe(400);
    expect((await put(order, 9_999, part)).status).toBe(400);
    const headers = { authorization: `Bearer ${order.token}`, "x-part-sha256": sha256(part) };
    expect(await statusOfAnnounced(`${order.url}/parts/0`, "PUT", headers, 8 * 1024 * 1024 + 29)).toBe(413);
    expect((await put({ ...order, token: others.token }, 0, part)).status).toBe(401);
    expect((await put({ ...order, token: order.token.replace(/^\d+/, "99") }, 0, part)).status).toBe(401);
    expect((await put({ ...order, token: await edge.agent.assertion() }, 0, part)).status).toBe(401);
    expect((await call(order, "GET", "/parts/0")).status).toBe(404);
    expect((await tell(order, { outcome: "restored" })).status).toBe(400);
    expect(edge.stack.services.s3.objects(`boxes/${box}/`)).toEqual([]);
  });

  test("a part that trickles in is a 408, and nothing of it is kept", { timeout: 60_000 }, async () => {
    const box = await edge.liveBox();
    const { order } = await orderOf((await edge.operator.backUp(box)).job.id);
    const headers = { authorization: `Bearer ${order.token}`, "x-part-sha256": sha256(new Uint8Array(100_000)) };
    const answer = await answerToTrickle(`${order.url}/parts/0`, "PUT", headers, 100_000);
    expect(answer).toMatchObject({ status: 408, body: { code: "request_timeout", request_id: expect.any(String) } });
    expect(edge.stack.services.s3.objects(`boxes/${box}/`)).toEqual([]);
  });

  test("whose parts are not all there is not stored: the agent is told, and the attempt after it may be better", async () => {
    const box = await edge.liveBox();
    const { backup, job } = await edge.operator.backUp(box);
    const { grant, order } = await orderOf(job.id);
    const part = new Uint8Array(randomBytes(100));
    await put(order, 0, part);
    await put(order, 7, part);
    const whole = manifestOf([part]);
    const missing = { ...whole, parts: [...whole.parts, { bytes: 50, sha256: "0".repeat(64) }] };
    await tell(order, { outcome: "stored", manifest: missing });
    expect(await transferOf(grant)).toEqual({
      state: "failed",
      code: "backup",
      reason: "Parts of the backup are missing in the object storage",
      retryable: true,
    });
    await tell(order, { outcome: "stored", manifest: whole });
    expect(await transferOf(grant)).toEqual({ state: "succeeded" });
    expect(edge.stack.services.s3.objects(`boxes/${box}/${backup.id}/`)).toHaveLength(1);
  });

  test("that fails for good leaves the box active, with the reason at the backup", async () => {
    const box = await edge.liveBox();
    const { backup, job } = await edge.operator.backUp(box);
    const { grant, order } = await orderOf(job.id);
    await put(order, 0, new Uint8Array(randomBytes(100)));
    await tell(order, { outcome: "failed", reason: "The disk is on fire", retryable: false });
    const failure = { code: "backup" as const, message: "The memory could not be backed up", retryable: false };
    await edge.agent.complete(job.id, { outcome: "failed", fence: grant.fence, failure });
    expect(await edge.operator.backup(backup.id)).toMatchObject({ status: "failed", reason: "The disk is on fire" });
    expect(await edge.operator.box(box)).toMatchObject({ status: "active", status_reason: null });
    await edge.stack.edge.runCron();
    await until("its parts to be removed", async () => (await edge.operator.backup(backup.id)).removed_at !== null);
    expect(edge.stack.services.s3.objects(`boxes/${box}/`)).toEqual([]);
  });

  test("is ended by any other change of the box, which does not wait for it", async () => {
    const box = await edge.liveBox();
    const { backup, job } = await edge.operator.backUp(box);
    const { grant, order } = await orderOf(job.id);
    const changed = await edge.operator.change("destroy", box);
    const { fence } = grant;
    const answer = await edge.agent.send("POST", "/fleet/poll", {
      capacity: 0,
      running: [{ job_id: job.id, fence }],
      wait: 0,
    });
    expect(await answer.json()).toEqual({ messages: [{ type: "stop", job_id: job.id }] });
    await edge.agent.complete(job.id, { outcome: "stopped", fence });
    await edge.carryOut(changed.job.id);
    expect(await edge.operator.job(job.id)).toMatchObject({ status: "superseded" });
    expect(await edge.operator.backup(backup.id)).toMatchObject({ status: "failed" });
    expect((await put(order, 0, new Uint8Array(100))).status).toBe(409);
  });

  test("is refused in words while another one runs, and for a box that does not run", async () => {
    const box = await edge.liveBox();
    await edge.operator.backUp(box);
    expect(await edge.operator.problem("POST", `/internal/backup/${box}`)).toMatchObject({
      status: 409,
      detail: "A backup of this box is already running",
    });
    const suspended = await edge.operator.change("suspend", box);
    await edge.carryOut(suspended.job.id);
    expect((await edge.operator.problem("POST", `/internal/backup/${box}`)).detail).toBe(
      "This box is suspended: its running agent copies its memory, so it must be active",
    );
  });
});

describe("operators", () => {
  test("see backups by box, newest first, and nothing of their keys", async () => {
    const box = await edge.liveBox();
    const [older, newer] = [await stored(box), await stored(box)];
    const response = await edge.operator.send("GET", `/internal/backups?box_id=${box}&status=stored`);
    const text = await response.text();
    expect(BackupList.parse(JSON.parse(text)).backups.map(({ id }) => id)).toEqual([newer.id, older.id]);
    for (const secret of [older.key, newer.key, "v1."]) expect(text).not.toContain(secret);
    const unknown = await edge.operator.send("GET", "/internal/backups/0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11");
    expect(unknown.status).toBe(404);
    expect((await fetch(`${edge.stack.url}/internal/backups`)).status).toBe(401);
  });

  test("find no key, token or part in logs, and none in the clear in the database", async () => {
    const box = await edge.liveBox();
    const { key, order, id } = await stored(box);
    const rows = await edge.stack.services.neon.query("select * from backups where id = $1", [id]);
    for (const secret of [key, order.token, order.token.split(".")[1] ?? ""]) {
      expect(edge.logs.join("\n")).not.toContain(secret);
      expect(JSON.stringify(rows)).not.toContain(secret);
    }
    expect(Backup.parse(await edge.operator.backup(id)).status).toBe("stored");
  });
});

describe("the sweep", () => {
  /** Makes the box and its backups this many days older. */
  const age = (box: string, days: number) =>
    Promise.all([
      edge.stack.services.neon.query(
        "update boxes set created_at = created_at - make_interval(days => $2) where id = $1",
        [box, days],
      ),
      edge.stack.services.neon.query(
        "update backups set created_at = created_at - make_interval(days => $2), stored_at = stored_at - make_interval(days => $2) where box_id = $1",
        [box, days],
      ),
    ]);
  const backupsOf = async (box: string) =>
    BackupList.parse(await (await edge.operator.send("GET", `/internal/backups?box_id=${box}`)).json()).backups;

  test("backs an active box up once a day, not a young one, and not twice", async () => {
    const [old, young] = [await edge.liveBox(), await edge.liveBox()];
    await age(old, 2);
    await edge.stack.edge.runCron();
    const [due] = await until("the daily backup", async () => {
      const found = await backupsOf(old);
      return found.length > 0 && found;
    });
    expect(due).toMatchObject({ scheduled: true, status: "pending", requested_by: "system" });
    const { grant, order } = await orderOf(due?.job_id ?? "");
    const part = new Uint8Array(randomBytes(100));
    await put(order, 0, part);
    await tell(order, { outcome: "stored", manifest: manifestOf([part]) });
    await complete(grant, 1);
    await edge.stack.edge.runCron();
    expect([(await backupsOf(old)).length, await backupsOf(young)]).toEqual([1, []]);
  });

  test("removes what is not kept, first the key and then the objects; a month after a box is gone, all of it", async () => {
    const box = await edge.liveBox();
    for (let day = 0; day < 13; day++) {
      await stored(box);
      await age(box, 1);
    }
    await edge.stack.edge.runCron();
    const left = await until("old ones to go", async () => {
      const all = await backupsOf(box);
      return all.some(({ removed_at }) => removed_at !== null) && all;
    });
    const kept = left.filter(({ status }) => status === "stored");
    expect(kept.length).toBeLessThan(13);
    const keys = await edge.stack.services.neon.query(
      "select count(*)::int as n from backups where box_id = $1 and status = 'removed' and data_key_sealed is not null",
      [box],
    );
    expect(keys).toEqual([{ n: 0 }]);
    await edge.carryOut((await edge.operator.change("destroy", box)).job.id);
    await edge.stack.edge.runCron();
    expect((await backupsOf(box)).filter(({ status }) => status === "stored").length).toBe(kept.length);
    await edge.stack.services.neon.query(
      "update boxes set destroyed_at = destroyed_at - interval '31 days' where id = $1",
      [box],
    );
    await until("nothing to be left", async () => {
      await edge.stack.edge.runCron();
      return edge.stack.services.s3.objects(`boxes/${box}/`).length === 0;
    });
    expect((await backupsOf(box)).filter(({ status }) => status === "stored")).toEqual([]);
  });
});

/**
 * Each operation that honours `Idempotency-Key`, sent many times at once, with its answer lost, and slower than its
 * repetition: one effect, and one answer. On PGlite or (TEST_POSTGRES_URL) a real PostgreSQL, where they really race.
 */
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type TestNeon, testBackend } from "#cluster/local/neon/testing/test-neon.ts";
import { backups, gatewayImages, proxyTokens } from "#schema/db/schema.ts";
import { newId } from "#schema/domain/ids.ts";
import { openApp, type TestApp } from "../testing/open-app.ts";
import { seedBox, seedCluster, seedJobs } from "../testing/seed.ts";

/** One connection serves them one after another on PGlite. */
const AT_ONCE = process.env.TEST_POSTGRES_URL ? 20 : 5;

interface Seeded {
  cluster: string;
  customer: string;
  box: string;
  boxToken: string;
  ownToken: string;
  queuedJob: string;
  deadJob: string;
  backup: string;
  image: string;
}

interface Request {
  path: string;
  body?: unknown;
}

/** What the operation does is in the audit log, in this many rows. */
const OPERATIONS: [name: string, request: (seeded: Seeded) => Request, audited: number][] = [
  ["provision", () => ({ path: "/internal/provision", body: order() }), 1],
  ["suspend", ({ box }) => ({ path: `/internal/suspend/${box}` }), 1],
  ["restart", ({ box }) => ({ path: `/internal/restart/${box}` }), 1],
  ["resize", ({ box }) => ({ path: `/internal/resize/${box}`, body: { tier: "pro" } }), 1],
  ["update", ({ box }) => ({ path: `/internal/update/${box}`, body: { language: "de" } }), 1],
  ["destroy", ({ box }) => ({ path: `/internal/destroy/${box}` }), 1],
  ["backup", ({ box }) => ({ path: `/internal/backup/${box}` }), 1],
  ["restore", ({ box, backup }) => ({ path: `/internal/backups/${backup}/restore`, body: { box_id: box } }), 1],
  ["make a token", ({ customer }) => ({ path: "/internal/tokens", body: { customer_id: customer, label: "x" } }), 1],
  ["rotate a token", ({ ownToken }) => ({ path: `/internal/tokens/${ownToken}/rotate`, body: {} }), 1],
  ["rotate a box's token", ({ boxToken }) => ({ path: `/internal/tokens/${boxToken}/rotate`, body: {} }), 2],
  ["retry a job", ({ deadJob }) => ({ path: `/internal/jobs/${deadJob}/retry` }), 1],
  ["cancel a job", ({ queuedJob }) => ({ path: `/internal/jobs/${queuedJob}/cancel` }), 1],
  [
    "start a rollout",
    ({ image, cluster }) => ({ path: "/internal/rollouts", body: { image, cluster_id: cluster } }),
    1,
  ],
  ["register an image", () => ({ path: "/internal/images", body: imageOf(newId()) }), 1],
];

const order = () => ({
  customer_email: `${newId()}@example.com`,
  telegram_bot_token: `${1_000_000_000 + Math.floor(Math.random() * 8e9)}:${"A".repeat(35)}`,
  telegram_user_id: 1,
  tier: "starter",
});
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const imageOf = (name: string) => ({ reference: `localhost/${name}:1`, openclaw_version: "2026.1.1" });

const { name, start } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`with an Idempotency-Key on ${name}`, () => {
  let standIn: TestNeon;
  let app: TestApp;
  let seeded: Seeded;

  beforeAll(async () => {
    vi.spyOn(console, "log").mockReturnValue();
    vi.spyOn(console, "error").mockReturnValue();
    standIn = await start();
    app = await openApp(standIn);
  });
  afterAll(async () => {
    await app.close();
    await standIn.close();
  });
  beforeEach(async () => {
    seeded = await seed(app);
  });
  afterEach(() => {
    app.front.mend();
    app.meter.down = false;
  });

  const query = async (text: string, params: unknown[] = []) => standIn.neon.query(text, params);
  const audited = async () => Number((await query("select count(*)::int as n from audit_log"))[0]?.n);
  const read = async (response: Response) => ({
    status: response.status,
    location: response.headers.get("location"),
    body: await response.json(),
  });
  /** The statement with the effect, in the batch or alone. */
  const isEffect = (statement: string) => /insert into audit_log|insert into \\?"audit_log/.test(statement);

  test.each(OPERATIONS)("%s: of many at once one has the effect, and all get its answer", async (_, make, rows) => {
    const { path, body } = make(seeded);
    const key = newId();
    const before = await audited();
    const sent = Array.from({ length: AT_ONCE }, async () => read(await app.send(path, { body, key })));
    const answers = await Promise.all(sent);
    expect(answers[0]?.status).toBeLessThan(300);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await audited()) - before).toBe(rows);
  });

  test.each(OPERATIONS)("%s: whose answer was lost, it is told what was done", async (_, make, rows) => {
    const { path, body } = make(seeded);
    const key = newId();
    const before = await audited();
    let isLost = false;
    app.front.after = (statement) => {
      isLost ||= isEffect(statement);
      return isLost ? "lost" : "pass";
    };
    // After the effect the database does not answer any more, as if this Worker had died.
    app.front.before = async () => (isLost ? "lost" : "pass");
    expect((await app.send(path, { body, key })).status).toBe(503);
    app.front.mend();
    const response = await app.send(path, { body, key });
    expect(response.headers.get("idempotent-replayed")).toBe("true");
    const again = await read(response);
    expect(again.status).toBeLessThan(300);
    expect(await read(await app.send(path, { body, key }))).toEqual(again);
    expect((await audited()) - before).toBe(rows);
  });

  test.each(OPERATIONS)("%s: slower than its repetition, it gets that one's answer", async (_, make, rows) => {
    const { path, body } = make(seeded);
    const key = newId();
    const before = await audited();
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    let held = 0;
    app.front.before = async (statement) => {
      if (isEffect(statement) && held++ === 0) {
        reached.resolve();
        await released.promise;
      }
      return "pass";
    };
    const slow = app.send(path, { body, key });
    await reached.promise;
    const fast = await read(await app.send(path, { body, key }));
    released.resolve();
    expect(fast.status).toBeLessThan(300);
    expect(await read(await slow)).toEqual(fast);
    expect((await audited()) - before).toBe(rows);
  });

  test("repeated with status and location, but not as another request", async () => {
    const [key, path] = [newId(), `/internal/restart/${seeded.box}`];
    const first = await app.send(path, { key });
    const again = await app.send(path, { key });
    expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([
      null,
      "true",
    ]);
    const told = await read(again);
    expect(told).toEqual(await read(first));
    expect(told).toMatchObject({ status: 202, location: expect.stringMatching(/^\/internal\/jobs\/[0-9a-f-]{36}$/) });
    expect((await app.send(`/internal/suspend/${seeded.box}`, { key })).status).toBe(409);
  });

  test("what was refused has taken no key", async () => {
    const key = newId();
    app.front.before = async () => "lost";
    expect((await app.send(`/internal/restart/${seeded.box}`, { key })).status).toBe(503);
    app.front.mend();
    expect((await app.send(`/internal/restart/${newId()}`, { key })).status).toBe(404);
    expect((await app.send(`/internal/reactivate/${seeded.box}`, { key })).status).toBe(409);
    const done = await app.send(`/internal/restart/${seeded.box}`, { key });
    expect([done.status, done.headers.get("idempotent-replayed")]).toEqual([202, null]);
  });

  test("a meter that could not be told of a suspension is told before the repetition is answered", async () => {
    const [key, path] = [newId(), `/internal/suspend/${seeded.box}`];
    app.meter.down = true;
    expect((await app.send(path, { key })).status).toBe(503);
    expect((await app.send(path, { key })).status).toBe(503);
    app.meter.down = false;
    const before = app.meter.synced;
    expect((await app.send(path, { key })).status).toBe(202);
    expect(app.meter.synced).toBe(before + 1);
  });

  test("a token's value is told again for ten minutes, and kept nowhere", async () => {
    const key = newId();
    const ask = async () => {
      const body = { customer_id: seeded.customer, label: "lost" };
      return (await (await app.send("/internal/tokens", { body, key })).json()) as {
        token: { id: string };
        value: string;
      };
    };
    const first = await ask();
    expect(first.value).toMatch(/^ocp_/);
    expect(await ask()).toEqual(first);
    expect(JSON.stringify(await query("select * from idempotency_keys"))).not.toContain(first.value.slice(4, -4));
    await query("update proxy_tokens set created_at = now() - interval '11 minutes' where id = $1", [first.token.id]);
    expect(await ask()).toMatchObject({ token: { id: first.token.id }, value: null });
  });

  test("after its day a key is no way to a second effect", async () => {
    const [key, path] = [newId(), `/internal/restart/${seeded.box}`];
    expect((await app.send(path, { key })).status).toBe(202);
    await query("update idempotency_keys set expires_at = now()");
    const before = await audited();
    const late = await app.send(path, { key });
    expect(await late.json()).toMatchObject({ status: 409, detail: expect.stringContaining("use a new one") });
    expect(await audited()).toBe(before);
  });
});

/** A customer with a box, tokens, jobs and a backup, in a cluster of their own. */
async function seed({ db }: TestApp): Promise<Seeded> {
  const clusterId = await seedCluster(db);
  const { boxId, customerId } = await seedBox(db, { clusterId });
  const [boxToken, ownToken, backup, image] = [newId(), newId(), newId(), newId()];
  const tokenOf = (id: string) => ({ id, customerId, tokenHash: sha256(id), last4: "aaaa" });
  await db.insert(proxyTokens).values([{ ...tokenOf(boxToken), boxId }, tokenOf(ownToken)]);
  const job = { clusterId, finishedAt: new Date() };
  const [queuedJob = ""] = await seedJobs(db, [boxId], { clusterId });
  const [deadJob = ""] = await seedJobs(db, [boxId], { ...job, type: "restart", status: "dead" });
  const [jobId = ""] = await seedJobs(db, [boxId], { ...job, type: "backup", status: "succeeded" });
  const manifest = { openclaw: "", parts: [] } as never;
  const stored = { status: "stored", manifest, bytes: 1, storedAt: new Date(), dataKeySealed: "v1.x" } as const;
  await db.insert(backups).values({ id: backup, boxId, customerId, jobId, requestedBy: "test", ...stored });
  const { reference, openclaw_version: openclawVersion } = imageOf(image);
  await db.insert(gatewayImages).values({ id: image, reference, openclawVersion, createdBy: "test" });
  return {
    cluster: clusterId,
    customer: customerId,
    box: boxId,
    boxToken,
    ownToken,
    queuedJob,
    deadJob,
    backup,
    image,
  };
}

/** Rotations that race, on PGlite or (TEST_POSTGRES_URL) a real PostgreSQL; and a meter that can't be reached. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestNeon, testBackend } from "#cluster/local/neon/testing/test-neon.ts";
import { proxyTokens } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import { deriveToken, importTokenKey, type TokenKeys } from "#schema/domain/proxy-token.ts";
import type { Ctx } from "../../context.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedBox, seedCluster } from "../../testing/seed.ts";
import { destroyBox } from "../boxes/destroy.ts";
import { suspendBox } from "../boxes/suspend.ts";
import { claimJob } from "../jobs/claim.ts";
import { completeJob } from "../jobs/complete.ts";
import { createToken } from "./create.ts";
import { revokeToken } from "./revoke.ts";
import { revokeExpired } from "./revoke-expired.ts";
import { rotateToken } from "./rotate.ts";

const HOUR_S = 3_600;

const { name, start } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`tokens on ${name}`, () => {
  let standIn: TestNeon;
  let keys: TokenKeys;
  let ctx: Ctx;
  let customerId: string;
  let boxId: string;
  let tokenId: string;
  let isMeterDown = false;
  const synced: string[] = [];

  beforeAll(async () => {
    standIn = await start();
    keys = { current: await importTokenKey(crypto.getRandomValues(new Uint8Array(32))) };
    const sync = async (id: string): Promise<void> => {
      if (isMeterDown) throw new Error("the object can't be reached");
      synced.push(id);
    };
    ctx = makeCtx(standIn, { tokenKeys: Promise.resolve(keys), meter: () => ({ sync }) });
    await seedCluster(ctx.db, { id: "c1" });
  });
  afterAll(() => standIn.close());

  beforeEach(async () => {
    isMeterDown = false;
    const box = await seedBox(ctx.db, { clusterId: "c1" });
    ({ customerId, boxId } = box);
    tokenId = newId();
    const { hash: tokenHash, last4 } = await deriveToken(keys, customerId, tokenId);
    await ctx.db.insert(proxyTokens).values({ id: tokenId, customerId, boxId, tokenHash, last4 });
  });

  const rotate = (id = tokenId, overlapSeconds = HOUR_S) =>
    rotateToken({ ctx, input: { tokenId: id, overlapSeconds } });
  const statuses = async () =>
    (await standIn.neon.query("select status from proxy_tokens where customer_id = $1", [customerId]))
      .map((row) => row.status)
      .sort();
  const ownToken = async () => {
    const input = { customer_id: customerId, label: "x", scopes: ["llm" as const], expires_at: null };
    return (await createToken({ ctx, input: { ...input, when_spent: "error" } })).token.id;
  };
  /** How many were done; the others must have got `conflict`. */
  async function done(attempts: Promise<unknown>[]): Promise<number> {
    const settled = await Promise.allSettled(attempts);
    for (const one of settled) {
      if (one.status === "rejected") {
        expect(one.reason).toBeInstanceOf(AppError);
        expect(one.reason).toMatchObject({ code: "conflict" });
      }
    }
    return settled.filter((one) => one.status === "fulfilled").length;
  }

  test.each(["a box's", "a customer's own"])("sixteen rotations at once of %s token: one is done", async (whose) => {
    const id = whose === "a box's" ? tokenId : await ownToken();
    expect(await done(Array.from({ length: 16 }, () => rotate(id)))).toBe(1);
    const [row] = await standIn.neon.query("select status from proxy_tokens where id = $1", [id]);
    expect(row?.status).toBe("retiring");
    expect((await statuses()).filter((status) => status === "retiring")).toHaveLength(1);
  });

  test("a rotation and a revocation of one token at once: it ends, and a successor only where there was a rotation", async () => {
    const id = await ownToken();
    const rotations = [rotate(id), rotate(id)];
    const rotated = done(rotations);
    await revokeToken({ ctx, input: { tokenId: id } });
    const others = await rotated;
    const [row] = await standIn.neon.query("select status from proxy_tokens where id = $1", [id]);
    expect(row?.status).toBe("revoked");
    expect((await statuses()).filter((status) => status === "active")).toHaveLength(1 + others);
  });

  test("rotated, suspended and rotated again at once, a box has one active token and the newest job", async () => {
    const attempts = [rotate(), suspendBox({ ctx, input: { boxId } }), rotate(), rotate()];
    expect(await done(attempts)).toBe(2);
    expect(await statuses()).toEqual(["active", "retiring"]);
    const jobs = await standIn.neon.query("select status, generation from operator_jobs where box_id = $1", [boxId]);
    expect(jobs.map((job) => [job.status, Number(job.generation)]).sort()).toEqual([
      ["queued", 3],
      ["superseded", 2],
    ]);
  });

  test("rotated and destroyed at once, a box is left without a token that works", async () => {
    await done([rotate(), rotate(), destroyBox({ ctx, input: { boxId } }), rotate()]);
    expect(new Set(await statuses())).toEqual(new Set(["revoked"]));
  });

  test("a job's end and a rotation at once never shorten the token that the pod has", async () => {
    const { job } = await rotate();
    const claim = await claimJob({ ctx, input: { jobId: job?.id ?? "", clusterId: "c1" } });
    const fence = claim.kind === "granted" ? claim.grant.fence : 0;
    const [{ id: second } = { id: "" }] = await standIn.neon.query<{ id: string }>(
      "select id from proxy_tokens where box_id = $1 and status = 'active'",
      [boxId],
    );
    const input = { jobId: job?.id ?? "", fence, observed_generation: 2 };
    const agent: Ctx = { ...ctx, actor: { kind: "agent", clusterId: "c1", kid: "k" } };
    await Promise.all([completeJob({ ctx: agent, input: { ...input, outcome: "succeeded" } }), rotate(second)]);
    const [row] = await standIn.neon.query(
      "select expires_at - now() > interval '50 minutes' as long from proxy_tokens where id = $1",
      [second],
    );
    expect(row?.long).toBe(true);
  });

  test("a revocation that the meter has not heard of is a 503; repeated, it is told", async () => {
    const id = await ownToken();
    isMeterDown = true;
    await expect(revokeToken({ ctx, input: { tokenId: id } })).rejects.toMatchObject({
      code: "upstream_unavailable",
    });
    isMeterDown = false;
    synced.length = 0;
    expect((await revokeToken({ ctx, input: { tokenId: id } })).status).toBe("revoked");
    expect(synced).toEqual([customerId]);
  });

  test("a rotation that the meter has not heard of is a 503 only where the old token was to end", async () => {
    const [id, other] = [await ownToken(), await ownToken()];
    isMeterDown = true;
    expect((await rotate(id)).replaced.status).toBe("retiring");
    await expect(rotate(other, 0)).rejects.toMatchObject({ code: "upstream_unavailable" });
    isMeterDown = false;
    expect((await revokeToken({ ctx, input: { tokenId: other } })).status).toBe("revoked");
  });

  test("sweeps at once record each token's end once", async () => {
    const ids = await Promise.all([ownToken(), ownToken(), ownToken()]);
    await standIn.neon.query("update proxy_tokens set expires_at = now() - interval '1 s' where id = any($1)", [ids]);
    await Promise.all([revokeExpired(ctx), revokeExpired(ctx), revokeExpired(ctx)]);
    const audit = await standIn.neon.query(
      "select subject from audit_log where action = 'token.expire' and subject = any($1)",
      [ids],
    );
    expect(audit.map((row) => row.subject).sort()).toEqual([...ids].sort());
  });
});

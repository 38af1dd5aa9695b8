/** Who gets which box of the pool, on PGlite or (TEST_POSTGRES_URL) a real PostgreSQL, where they really race. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestNeon, testBackend } from "#cluster/local/neon/testing/test-neon.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedCluster, seedPoolBoxes } from "../../testing/seed.ts";
import { insertBox } from "../boxes/insert-box.ts";
import { keepPools } from "./keep-pools.ts";
import { readPool } from "./read-pool.ts";
import { readyBoxes } from "./ready-boxes.ts";

const { name, start } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`the warm pool on ${name}`, () => {
  let standIn: TestNeon;
  let ctx: Ctx;

  beforeAll(async () => {
    standIn = await start();
    ctx = makeCtx(standIn);
  });
  afterAll(() => standIn.close());

  /** A cluster of the test's own, with boxes of its pool that are ready. */
  async function clusterWith(ready: number, size = ready): Promise<string> {
    const cluster = await seedCluster(ctx.db);
    await standIn.neon.query("insert into warm_pools (cluster_id, tier, size) values ($1, 'starter', $2)", [
      cluster,
      size,
    ]);
    await seedPoolBoxes(ctx.db, ready, { clusterId: cluster, observedGeneration: 1 }, { state: "healthy" });
    return cluster;
  }

  let made = 0;
  async function provision(cluster: string) {
    const ready = await readyBoxes(ctx, "starter", cluster);
    made += 1;
    return insertBox(ctx, {
      request: {
        customer_email: `${cluster}-${made}@example.com`,
        telegram_bot_token: `${1_000_000 + made}:${"A".repeat(35)}`,
        telegram_user_id: 1_001,
        tier: "starter",
        model: "kimi-coding/k2p5",
        thinking_level: "low",
        language: "en",
      },
      bot: { id: 1_000_000 + made, username: `b${made}_bot` },
      clusterId: cluster,
      ready,
      customerId: newId(),
      isNew: true,
      subscriptionId: undefined,
    });
  }

  test("of twenty that ask at once, eight get the eight that are ready and twelve a new one", async () => {
    const cluster = await clusterWith(8);
    const given = await Promise.all(Array.from({ length: 20 }, () => provision(cluster)));
    expect(new Set(given.map(({ accepted }) => accepted.box.id)).size).toBe(20);
    const [counted] = await standIn.neon.query(
      `select count(*) filter (where pool_result = 'hit')::int as hits, count(*) filter (where pool_result = 'miss')::int as misses,
           count(*) filter (where customer_id is null)::int as left_over,
           (select count(*)::int from proxy_tokens t join boxes o on o.id = t.box_id and o.customer_id = t.customer_id where o.cluster_id = $1) as tokens
         from boxes where cluster_id = $1`,
      [cluster],
    );
    expect(counted).toEqual({ hits: 8, misses: 12, left_over: 0, tokens: 20 });
  });

  test("while others fill and thin it out, nobody gets a box that is to be destroyed, and none is destroyed that somebody got", async () => {
    const cluster = await clusterWith(12, 3);
    const look = () => keepPools(ctx, cluster);
    const work = [look, () => provision(cluster), look, () => provision(cluster)];
    await Promise.all(Array.from({ length: 16 }, (_, i) => work[i % work.length]?.()));
    const [wrong] = await standIn.neon.query(
      "select count(*)::int as n from boxes where cluster_id = $1 and customer_id is not null and desired_status <> 'active'",
      [cluster],
    );
    expect(wrong).toEqual({ n: 0 });
    await look();
    const { tiers } = await readPool({ ctx, input: { clusterId: cluster } });
    const starter = tiers.find(({ tier }) => tier === "starter");
    expect((starter?.ready ?? 0) + (starter?.starting ?? 0)).toBe(3);
    const doubled = await standIn.neon.query(
      "select box_id from operator_jobs where cluster_id = $1 group by box_id, type having count(*) > 1",
      [cluster],
    );
    expect(doubled).toEqual([]);
  });

  test("a bot's token opens for the box that was given, and for no other", async () => {
    const cluster = await clusterWith(4);
    const { accepted } = await provision(cluster);
    const [row] = await standIn.neon.query<{ sealed: string }>(
      "select telegram_bot_token_sealed as sealed from boxes where id = $1",
      [accepted.box.id],
    );
    const place = { table: "boxes", column: "telegram_bot_token_sealed", customerId: accepted.box.customer_id };
    const open = (rowId: string) => ctx.vault.open({ ...place, rowId }, row?.sealed ?? "");
    expect(await open(accepted.box.id)).toMatch(/^\d+:A{35}$/);
    await expect(open(newId())).rejects.toThrow("can't be opened");
  });
});

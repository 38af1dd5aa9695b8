import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../../context.ts";
import type { Offer } from "../../../contracts/mailbox.ts";
import { makeCtx } from "../../../testing/make-ctx.ts";
import { seedBoxes, seedCluster } from "../../../testing/seed.ts";

type Query = (sql: string, params?: unknown[]) => Promise<Record<string, unknown>[]>;

/** A stand-in of Neon, with its tables. */
interface Database {
  connectionString: string;
  url: string;
  neon: { query: Query };
}

/** A cluster of its own in a database, and an agent that is played by statements. */
export interface Fleet {
  ctx: Ctx;
  cluster: string;
  clock: { now: number };
  /** What the cluster's mailbox was told. */
  told: { offers: Offer[]; aborts: string[] };
  image(version?: string): Promise<string>;
  boxes(count: number, status?: "active" | "suspended"): Promise<string[]>;
  /** Does every open job: where the box is to run one of the `bad` images it fails, or comes up and is unhealthy. */
  work(bad?: { image: string; how: "fails" | "unhealthy" }): Promise<void>;
  /** The image of each live box. */
  images(): Promise<(string | null)[]>;
  query: Query;
}

export async function makeFleet(standIn: Database): Promise<Fleet> {
  const query: Query = (text, params) => standIn.neon.query(text, params);
  const clock = { now: Date.now() };
  const told: Fleet["told"] = { offers: [], aborts: [] };
  const ctx = makeCtx(standIn, {
    now: () => new Date(clock.now),
    mailbox: () => ({
      offer: async (offers) => void told.offers.push(...offers),
      abort: async (jobId) => void told.aborts.push(jobId),
    }),
  });
  const cluster = await seedCluster(ctx.db, { lastSeenAt: new Date(clock.now) });
  return {
    ctx,
    cluster,
    clock,
    told,
    query,
    async image(version = "2026.9.6") {
      const id = newId();
      await query(
        "insert into gateway_images (id, reference, openclaw_version, created_by) values ($1::uuid, 'localhost/gateway:' || $1::uuid, $2, 'test')",
        [id, version],
      );
      return id;
    },
    boxes: (count, status = "active") => insertBoxes(ctx, cluster, count, status),
    work: (bad) => work(query, cluster, new Date(clock.now), bad),
    async images() {
      const rows = await query(
        "select image_id from boxes where cluster_id = $1 and status <> 'destroyed' order by id",
        [cluster],
      );
      return rows.map(({ image_id }) => image_id as string | null);
    },
  };
}

/** Boxes with an owner each, an hour old. */
async function insertBoxes(
  ctx: Ctx,
  clusterId: string,
  count: number,
  status: "active" | "suspended",
): Promise<string[]> {
  const createdAt = new Date(Date.now() - 3_600_000);
  const values = {
    clusterId,
    status,
    desiredStatus: status,
    observedGeneration: 1,
    createdAt,
  } as const;
  return (await seedBoxes(ctx.db, count, values, { state: "healthy" })).map(({ boxId }) => boxId);
}

async function work(
  query: Query,
  cluster: string,
  now: Date,
  bad?: { image: string; how: "fails" | "unhealthy" },
): Promise<void> {
  const fails = bad?.how === "fails" ? bad.image : null;
  const unhealthy = bad?.how === "unhealthy" ? bad.image : null;
  await query("update clusters set last_seen_at = $2 where id = $1", [cluster, now]);
  await query(
    `with claimed as (
       update operator_jobs set status = 'running', lease_until = $2, attempt = 1
       where cluster_id = $1 and status = 'queued' returning box_id
     )
     update boxes b set status = 'updating' from claimed where b.id = claimed.box_id and b.status in ('active', 'failed')`,
    [cluster, now],
  );
  await query(
    `with ended as (
       update operator_jobs j set lease_until = null, finished_at = $4,
         status = case when b.image_id = $2::uuid then 'dead' else 'succeeded' end::job_status,
         error_code = case when b.image_id = $2::uuid then 'crash_loop' end,
         error_message = case when b.image_id = $2::uuid then 'the gateway keeps exiting' end
       from boxes b where j.box_id = b.id and j.cluster_id = $1 and j.status = 'running'
       returning j.box_id, j.status as ended_as
     ), seen as (
       update box_health h set state = case when b.desired_status = 'suspended' then 'unknown'
           when ended_as = 'dead' or b.image_id = $3::uuid then 'unhealthy' else 'healthy' end::health_state,
         reason = case when ended_as <> 'dead' and b.image_id = $3::uuid then 'Telegram is not working' end
       from ended join boxes b on b.id = ended.box_id where h.box_id = b.id
     )
     update boxes b set status = case when ended_as = 'dead' then 'failed' when b.desired_status = 'suspended' then 'suspended' else 'active' end::box_status,
       observed_generation = case when ended_as = 'dead' then b.observed_generation else b.generation end,
       status_reason = case when ended_as = 'dead' then 'the gateway keeps exiting' end
     from ended where b.id = ended.box_id`,
    [cluster, fails, unhealthy, now],
  );
}

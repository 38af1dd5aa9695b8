/** Records a pod's report of how its order ended. */
import { type SQL, sql } from "drizzle-orm";
import type { BackupManifest, TransferResult } from "#schema/contracts/state-transfer.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { auditFrom, moment } from "../sql.ts";
import { partKey, prefixOf } from "./object-keys.ts";
import { type BackupRow, type Order, rowOf } from "./orders.ts";
import { storageOf } from "./storage.ts";
import { admitTransfer } from "./transfer-parts.ts";
import type { Transfer } from "./transfer-token.ts";

/** Throws as `admitTransfer` does, and `invalid_request` for an outcome that the order can't have. */
export async function recordResult({ ctx, input }: Call<Transfer & { result: TransferResult }>): Promise<void> {
  const order = await admitTransfer(ctx, input);
  const { result, fence } = input;
  ctx.log.set({ outcome: `${order.kind} ${result.outcome}` });
  if (result.outcome === "failed") await note(ctx, order, fence, result);
  else if (result.outcome === "stored" && order.kind === "backup") await store(ctx, order, fence, result.manifest);
  else if (result.outcome === "restored" && order.kind === "restore") await succeed(ctx, order, fence);
  else throw new AppError("invalid_request", `A ${order.kind} can't end as ${result.outcome}`);
}

type Failed = Extract<TransferResult, { outcome: "failed" }>;

/** The order stays open: its job decides whether there is another attempt. */
async function note(ctx: Ctx, order: Order, fence: number, failed: Failed): Promise<void> {
  const { code = "backup", reason, retryable } = failed;
  const table = sql.identifier(order.kind === "backup" ? "backups" : "restores");
  await ctx.db.execute(sql`update ${table} set attempt_fence = ${fence}, attempt_reason = ${reason}, attempt_retryable = ${retryable},
      attempt_code = ${code}
    where id = ${rowOf(order).id} and status = 'pending'`);
}

async function store(
  ctx: Ctx,
  order: Extract<Order, { kind: "backup" }>,
  fence: number,
  manifest: BackupManifest,
): Promise<void> {
  const { backup } = order;
  if (!(await isThere(ctx, backup, manifest))) {
    const reason = "Parts of the backup are missing in the object storage";
    await note(ctx, order, fence, { outcome: "failed", reason, retryable: true });
    return;
  }
  const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
  const now = moment(ctx.now());
  await ended(
    ctx,
    sql`update backups set status = 'stored', manifest = ${JSON.stringify(manifest)}::jsonb, bytes = ${bytes},
    stored_at = ${now}, attempt_fence = ${fence} where id = ${backup.id} and status = 'pending' returning id, box_id`,
    "backup.stored",
  );
}

/** Checks every part's size, and deletes parts that an earlier, longer attempt left after the last one. */
async function isThere(ctx: Ctx, backup: BackupRow, { parts }: BackupManifest): Promise<boolean> {
  const storage = storageOf(ctx);
  const there = new Map((await storage.list(prefixOf(backup))).map(({ key, bytes }) => [key, bytes]));
  const whole = parts.every(({ bytes }, index) => there.get(partKey(backup, index)) === bytes);
  const wanted = new Set(parts.map((_, index) => partKey(backup, index)));
  for (const key of whole ? there.keys() : []) if (!wanted.has(key)) await storage.remove(key);
  return whole;
}

async function succeed(ctx: Ctx, { restore }: Extract<Order, { kind: "restore" }>, fence: number): Promise<void> {
  await ended(
    ctx,
    sql`update restores set status = 'succeeded', finished_at = ${moment(ctx.now())}, attempt_fence = ${fence}
    where id = ${restore.id} and status = 'pending' returning id, box_id`,
    "backup.restored",
  );
}

async function ended(ctx: Ctx, update: SQL, action: string): Promise<void> {
  await ctx.db.execute(sql`with ended as (${update})
    ${auditFrom(ctx, sql`ended`, action, sql`box_id::text`, {})}`);
}

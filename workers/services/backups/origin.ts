/** A new box made from a backup: it never starts without it. */
import { type SQL, sql } from "drizzle-orm";
import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { moment } from "../sql.ts";

export interface Origin {
  backupId: string;
  customerId: string;
  /** Of the old box: a provision request doesn't have it. */
  systemPrompt: string | null;
}

/** Runs in the transaction of the box itself. `box`: `boxes b where …`. Does nothing without an origin. */
export function originStatement(ctx: Ctx, origin: Origin | undefined, box: SQL): SQL {
  if (!origin) return sql`select 1`;
  const { backupId, systemPrompt } = origin;
  return sql`with made as (
    update boxes set system_prompt = ${systemPrompt}::text
    where id = (select b.id from ${box}) returning id, customer_id
  )
  insert into restores (id, backup_id, box_id, customer_id, is_origin, requested_by, created_at)
  select ${newId()}::uuid, ${backupId}::uuid, made.id, made.customer_id, true, ${actorName(ctx.actor)}, ${moment(ctx.now())} from made`;
}

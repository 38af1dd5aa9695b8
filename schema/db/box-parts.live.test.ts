/** What boxes were goes along when their health gets a table of its own, and both programs see what either writes. */
import { beforeAll, expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { pgliteBefore } from "#schema/migrator/testing/migrated-pglite.ts";

type Bringer = Awaited<ReturnType<typeof pgliteBefore>>;
let db: Bringer["db"];
let bring: Bringer["bring"];

beforeAll(async () => {
  ({ db, bring } = await pgliteBefore("0013_box_health"));
  await db.query("insert into clusters (id, agent_keys) values ('hel1', '[]')");
});

/** As the program before makes one of the warm pool. */
async function box(status = "active"): Promise<string> {
  const id = newId();
  await db.query(
    `insert into boxes (id, cluster_id, tier, status, model, thinking_level, language, telegram_user_ids)
     values ($1, 'hel1', 'starter', $2::box_status, 'm', 'low', 'en', '{}')`,
    [id, status],
  );
  return id;
}
const first = async (sql: string, id: string) => (await db.query<Record<string, unknown>>(sql, [id])).rows[0];
const oldView = (id: string) =>
  first(
    `select health, health_code as code, status_reason as reason, auto_restarts, drift_repairs, outdated, first_in_rollouts as first
     from boxes where id = $1`,
    id,
  );
const newView = (id: string) =>
  first(
    `select state::text as health, code::text as code, reason, auto_restarts, drift_repairs, outdated, first
     from box_health join box_rollouts using (box_id) where box_id = $1`,
    id,
  );
const sick = {
  health: "unhealthy",
  code: "node",
  reason: "gone",
  auto_restarts: 2,
  drift_repairs: 3,
  outdated: true,
  first: true,
};
const MAKE_SICK = `update boxes set health = 'unhealthy', health_code = 'node', status_reason = 'gone', auto_restarts = 2,
  drift_repairs = 3, outdated = true, first_in_rollouts = true, unhealthy_since = now(), last_seen_at = now() where id = $1`;

test("a box's health survives, and either program sees what the other one writes", async () => {
  const [before, odd] = [await box(), await box("failed")];
  await db.query(MAKE_SICK, [before]);
  await db.query("update boxes set health_code = 'of long ago', status_reason = 'no image' where id = $1", [odd]);

  await bring(false);
  expect(await newView(before)).toEqual(sick);
  expect(await newView(odd)).toMatchObject({ health: "unknown", code: null, reason: null });

  const between = await box();
  expect(await newView(between)).toMatchObject({ health: "unknown", auto_restarts: 0, first: false });
  await db.query(MAKE_SICK, [between]);
  expect(await newView(between)).toEqual(sick);

  await db.query("update box_health set state = 'healthy', code = null, reason = null where box_id = $1", [between]);
  await db.query("update box_rollouts set outdated = false where box_id = $1", [between]);
  expect(await oldView(between)).toEqual({ ...sick, health: "healthy", code: null, reason: null, outdated: false });
  // The new program's end of a job: both tables in one statement.
  await db.query(
    `with seen as (update boxes set status_reason = null, updated_at = now() where id = $1 returning id)
     update box_health h set state = 'healthy', code = null, reason = null, last_seen_at = now() from seen where h.box_id = seen.id`,
    [before],
  );
  for (const view of [oldView, newView]) expect(await view(before)).toMatchObject({ health: "healthy", code: null });

  await bring(true);
  expect(await newView(before)).toEqual({ ...sick, health: "healthy", code: null, reason: null });
  const after = await box();
  expect(await newView(after)).toMatchObject({ health: "unknown", drift_repairs: 0, outdated: false });
  await expect(oldView(after)).rejects.toThrow('column "health" does not exist');
});

/** Names come beside the ids of who may talk to a box, and the program that knows no names goes on meanwhile. */
import { expect, test } from "vitest";
import { pgliteBefore } from "#schema/migrator/testing/migrated-pglite.ts";
import { addTenant, constraintOf } from "./testing/tenants.ts";

/** Makes and migrates a database: a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

test("boxes from before have no names, and ids are written without them", { timeout: TIMEOUT_MS }, async () => {
  const { db, bring } = await pgliteBefore("0028_boxes_user_names");
  await db.query("insert into clusters (id, agent_keys) values ('hel1', '[]')");
  const before = await addTenant(db);
  await bring(false);
  const between = await addTenant(db);
  await db.query("update boxes set telegram_user_ids = '{7,8}' where id = $1", [between.box]);
  const { rows } = await db.query(
    "select telegram_user_ids as ids, telegram_user_names as names from boxes order by 1",
  );
  expect(rows).toEqual([
    { ids: [7, 8], names: {} },
    { ids: [1001], names: {} },
  ]);
  const name = (names: string) =>
    constraintOf(db.query("update boxes set telegram_user_names = $2 where id = $1", [before.box, names]));
  expect([await name('{"1001":"Ada"}'), await name('["Ada"]')]).toEqual(["accepted", "boxes_user_names"]);
});

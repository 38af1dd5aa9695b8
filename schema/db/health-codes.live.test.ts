/** The codes of health were an enum: the statements of the program before go on working, and new codes fit. */
import { expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { pgliteBefore } from "#schema/migrator/testing/migrated-pglite.ts";

/** Migrates a database in the middle of it: a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

test("either program writes and reads them, and a code that neither knows fits at last", {
  timeout: TIMEOUT_MS,
}, async () => {
  const { db, bring } = await pgliteBefore("0030_health_codes_open");
  await db.query("insert into clusters (id, agent_keys) values ('hel1', '[]')");
  const box = newId();
  await db.query(
    "insert into boxes (id, cluster_id, tier, telegram_user_ids, model, thinking_level, language) values ($1, 'hel1', 'starter', '{}', 'm', 'low', 'en')",
    [box],
  );
  const report = (code: string, type: string) =>
    db.query(
      `update box_health h set code = r.code from jsonb_to_recordset($1::jsonb) as r(box_id uuid, code ${type})
       where h.box_id = r.box_id`,
      [JSON.stringify([{ box_id: box, code }])],
    );
  const restarted = async (type: string) => {
    const { rows } = await db.query(
      `select coalesce(code::text, '') as code from box_health where code in ('not_ready'::${type}, 'crash_loop'::${type})`,
    );
    return rows;
  };

  await report("not_ready", "health_code");
  await bring(false);
  expect(await restarted("health_code")).toEqual([{ code: "not_ready" }]);
  expect(await restarted("text")).toEqual([{ code: "not_ready" }]);
  await report("crash_loop", "health_code");
  expect(await restarted("health_code")).toEqual([{ code: "crash_loop" }]);
  await report("bot_token_refused", "text");
  expect(await restarted("health_code")).toEqual([]);

  await bring(true);
  await report("not_ready", "text");
  expect(await restarted("text")).toEqual([{ code: "not_ready" }]);
  await expect(report("not_ready", "health_code")).rejects.toThrow('type "health_code" does not exist');
});

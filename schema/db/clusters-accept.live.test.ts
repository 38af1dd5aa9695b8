/** Whether a cluster takes new boxes is said the same in both columns, whichever program says it. */
import { expect, test } from "vitest";
import { pgliteBefore } from "#schema/migrator/testing/migrated-pglite.ts";

/** Makes and migrates a database: a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

test("a drained cluster stays drained, and either program drains and resumes for both", {
  timeout: TIMEOUT_MS,
}, async () => {
  const { db, bring } = await pgliteBefore("0020_clusters_accept");
  const add = (id: string, column = "", value = "") =>
    db.query(
      `insert into clusters (id, agent_keys${column && `, ${column}`}) values ('${id}', '[]'${value && `, ${value}`})`,
    );
  const views = async (columns: string) =>
    Object.fromEntries(
      (
        await db.query<{ id: string; view: string }>(
          `select id, concat_ws(' ', ${columns}) as view from clusters order by id`,
        )
      ).rows.map(({ id, view }) => [id, view]),
    );
  await add("open");
  await add("drained", "accepts_boxes", "0");
  await bring(false);
  await add("old-open");
  await add("old-drained", "accepts_boxes", "0");
  await add("new-drained", "accepts_new_boxes", "false");
  const BOTH = "accepts_boxes, accepts_new_boxes";
  const expected = { drained: "0 f", "new-drained": "0 f", "old-drained": "0 f", "old-open": "1 t", open: "1 t" };
  expect(await views(BOTH)).toEqual(expected);

  await db.query("update clusters set accepts_boxes = 1 where id = 'drained'");
  await db.query("update clusters set accepts_new_boxes = false where id = 'open'");
  await db.query("update clusters set last_seen_at = now()");
  expect(await views(BOTH)).toEqual({ ...expected, drained: "1 t", open: "0 f" });
  await bring(true);
  expect(await views("accepts_new_boxes")).toMatchObject({ drained: "t", open: "f", "old-drained": "f" });
});

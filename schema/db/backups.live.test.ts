/** The database's own rules for backups and restores. */
import type { PGlite } from "@electric-sql/pglite";
import { beforeAll, expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { addTenant, constraintOf, databaseWithCluster, type Tenant } from "./testing/tenants.ts";

let db: PGlite;

beforeAll(async () => {
  db = await databaseWithCluster();
});

const tenant = () => addTenant(db);

async function backup({ box, customer }: Tenant): Promise<string> {
  const [id, job] = [newId(), newId()];
  await db.query(
    `insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by)
     values ($1, $2, 'hel1', 'backup', 1, 'test')`,
    [job, box],
  );
  await db.query(
    `insert into backups (id, box_id, customer_id, job_id, data_key_sealed, requested_by)
     values ($1, $2, $3, $4, 'v1.sealed', 'test')`,
    [id, box, customer, job],
  );
  return id;
}

const restore = (backupId: string, box: string, customer: string) =>
  constraintOf(
    db.query(
      "insert into restores (id, backup_id, box_id, customer_id, is_origin, requested_by) values ($1, $2, $3, $4, false, 'test')",
      [newId(), backupId, box, customer],
    ),
  );

const set = (id: string, what: string) => constraintOf(db.query(`update backups set ${what} where id = $1`, [id]));
const STORED = "status = 'stored', manifest = '{}', bytes = 1, stored_at = now()";

test("nobody's memory goes into somebody else's box, whichever of the two is named as owner", async () => {
  const [ada, eve] = [await tenant(), await tenant()];
  const id = await backup(ada);
  expect(await restore(id, eve.box, eve.customer)).toBe("restores_backup_of_customer");
  expect(await restore(id, eve.box, ada.customer)).toBe("restores_box_of_customer");
  expect(await restore(id, ada.box, ada.customer)).toBe("accepted");
  expect(await restore(id, ada.box, ada.customer)).toBe("restores_one_pending_per_box");
});

test("one backup of a box is under way at a time", async () => {
  const ada = await tenant();
  const first = await backup(ada);
  expect(await constraintOf(backup(ada))).toBe("backups_one_pending_per_box");
  expect(await set(first, "status = 'failed'")).toBe("accepted");
  expect(await constraintOf(backup(ada))).toBe("accepted");
});

test("a stored backup is whole and has its key; a removed one has none, and neither comes back", async () => {
  const id = await backup(await tenant());
  expect(await set(id, "status = 'stored'")).toBe("backups_stored");
  expect(await set(id, `${STORED}, data_key_sealed = 'plain'`)).toBe("backups_key_sealed");
  expect(await set(id, STORED)).toBe("accepted");
  expect(await set(id, "removed_at = now()")).toBe("backups_removed_at");
  expect(await set(id, "status = 'removed'")).toBe("backups_removed");
  expect(await set(id, "status = 'removed', data_key_sealed = null")).toBe("accepted");
  expect(await set(id, "status = 'stored', data_key_sealed = 'v1.x'")).toBe("backup_transition");
});

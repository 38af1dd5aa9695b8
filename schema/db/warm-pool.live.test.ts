/** What the database refuses about boxes without an owner, whoever asks. */
import type { PGlite } from "@electric-sql/pglite";
import { beforeAll, describe, expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { addTenant, constraintOf, databaseWithCluster } from "./testing/tenants.ts";

let db: PGlite;

beforeAll(async () => {
  db = await databaseWithCluster();
});

const tenant = () => addTenant(db);

describe("a box of the warm pool", () => {
  const OWNER = `customer_id = $2, subscription_id = $3, telegram_bot_id = $4, telegram_bot_username = 'x_bot',
    telegram_bot_token_sealed = 'v1.sealed', telegram_user_ids = '{1001}'`;

  /** One that is ready, unless `status` says otherwise. */
  async function poolBox(status = "active"): Promise<string> {
    const id = newId();
    await db.query(
      `insert into boxes (id, cluster_id, tier, status, model, thinking_level, language, telegram_user_ids, observed_generation)
       values ($1, 'hel1', 'starter', $2, 'm', 'low', 'en', '{}', 1)`,
      [id, status],
    );
    return id;
  }

  /** Somebody who has paid and has no box. */
  async function newcomer(): Promise<[customer: string, subscription: string, bot: number]> {
    const { customer, subscription, box } = await tenant();
    await db.query("update boxes set status = 'destroying' where id = $1", [box]);
    await db.query("update boxes set status = 'destroyed', destroyed_at = now() where id = $1", [box]);
    return [customer, subscription, Math.floor(Math.random() * 1e12)];
  }

  const adopt = async (box: string, more = "adopted_at = now(), generation = 2, status = 'provisioning'") =>
    constraintOf(db.query(`update boxes set ${OWNER}, ${more} where id = $1`, [box, ...(await newcomer())]));

  test("gets an owner once, wholly, and keeps it for good", async () => {
    const box = await poolBox();
    expect(await adopt(box)).toBe("accepted");
    expect(await adopt(box)).toBe("boxes_owner_for_good");
    const disown = `update boxes set customer_id = null, subscription_id = null, telegram_bot_id = null,
      telegram_bot_username = null, telegram_bot_token_sealed = null, telegram_user_ids = '{}', adopted_at = null where id = $1`;
    expect(await constraintOf(db.query(disown, [box]))).toBe("boxes_owner_for_good");
    const half = "update boxes set telegram_bot_id = 5 where id = $1";
    expect(await constraintOf(db.query(half, [await poolBox()]))).toBe("boxes_owner_whole");
  });

  test("is adopted only where it is ready, and with a new generation", async () => {
    expect(await adopt(await poolBox("provisioning"))).toBe("boxes_adoptable");
    expect(await adopt(await poolBox("failed"), "adopted_at = now(), generation = 2")).toBe("boxes_adoptable");
    expect(await adopt(await poolBox(), "adopted_at = now(), status = 'provisioning'")).toBe("boxes_adoptable");
    expect(await adopt(await poolBox(), "generation = 2, status = 'provisioning'")).toBe("boxes_adoptable");
    const toRemove = await poolBox();
    await db.query("update boxes set desired_status = 'destroyed' where id = $1", [toRemove]);
    expect(await adopt(toRemove)).toBe("boxes_adoptable");
  });

  test("is the only one that goes from active back to provisioning", async () => {
    const { box } = await tenant();
    const move = (status: string) =>
      constraintOf(db.query(`update boxes set status = '${status}' where id = $1`, [box]));
    expect([await move("provisioning"), await move("active"), await move("provisioning")]).toEqual([
      "accepted",
      "accepted",
      "boxes_adoptable",
    ]);
    expect(
      await constraintOf(db.query("update boxes set status = 'provisioning' where id = $1", [await poolBox()])),
    ).toBe("boxes_adoptable");
  });

  test("has no token, no users and no owner's mark; a box's token is its owner's", async () => {
    const [box, { customer }, owned] = [await poolBox(), await tenant(), await tenant()];
    const addToken = (boxId: string) =>
      constraintOf(
        db.query(
          "insert into proxy_tokens (id, customer_id, box_id, token_hash, last4) values ($1, $2, $3, $4, 'abcd')",
          [newId(), customer, boxId, newId().replaceAll("-", "").repeat(2)],
        ),
      );
    expect(await addToken(box)).toBe("proxy_tokens_box_of_customer");
    expect(await addToken(owned.box)).toBe("proxy_tokens_box_of_customer");
    const set = (what: string) => constraintOf(db.query(`update boxes set ${what} where id = $1`, [box]));
    expect(await set("telegram_user_ids = '{1001}'")).toBe("boxes_users");
    expect(await set(`telegram_user_names = '{"1001":"Ada"}'`)).toBe("boxes_user_names");
    expect(await set("adopted_at = now()")).toBe("boxes_adopted");
    expect(await set("pool_result = 'hit'")).toBe("boxes_pool_result");
    expect(await constraintOf(db.query("insert into warm_pools values ('hel1', 'pro', 201)"))).toBe("warm_pools_size");
  });
});

/** What the database itself refuses. */
import type { PGlite } from "@electric-sql/pglite";
import { beforeAll, describe, expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import {
  BACKUP_TRANSITIONS,
  BOX_TRANSITIONS,
  JOB_TRANSITIONS,
  RESTORE_TRANSITIONS,
  ROLLOUT_TRANSITIONS,
  TOKEN_TRANSITIONS,
} from "#schema/domain/states.ts";
import { addBox, addTenant, constraintOf, databaseWithCluster } from "./testing/tenants.ts";

let db: PGlite;

beforeAll(async () => {
  db = await databaseWithCluster();
});

/** Each test has its own tenant. */
const tenant = (botId?: number) => addTenant(db, botId);

async function addJob(box: string, status = "queued"): Promise<string> {
  const id = newId();
  await db.query(
    `insert into operator_jobs (id, box_id, cluster_id, type, generation, status, lease_until, requested_by)
     values ($1, $2, 'hel1', 'provision', 1, $3::job_status, case when $3::text = 'running' then now() end, 'test')`,
    [id, box, status],
  );
  return id;
}

describe("state machines", () => {
  test("are the ones of the domain, edge for edge", async () => {
    const { rows } = await db.query<{ machine: string; edge: string }>(
      "select machine, from_state || ' ' || to_state as edge from state_transitions",
    );
    for (const [machine, table] of Object.entries<Readonly<Record<string, readonly string[]>>>({
      box: BOX_TRANSITIONS,
      job: JOB_TRANSITIONS,
      token: TOKEN_TRANSITIONS,
      rollout: ROLLOUT_TRANSITIONS,
      backup: BACKUP_TRANSITIONS,
      restore: RESTORE_TRANSITIONS,
    })) {
      const ours = Object.entries(table).flatMap(([from, tos]) => tos.map((to) => `${from} ${to}`));
      expect(new Set(rows.filter((row) => row.machine === machine).map((row) => row.edge))).toEqual(new Set(ours));
    }
  });

  test("a box may not skip a state, nor come back from the dead", async () => {
    const { box } = await tenant();
    const move = (status: string) =>
      constraintOf(db.query("update boxes set status = $2 where id = $1", [box, status]));
    expect(await move("active")).toBe("box_transition");
    expect(await move("provisioning")).toBe("accepted");
    expect(await move("provisioning")).toBe("accepted");
    await db.query("update boxes set status = 'destroying' where id = $1", [box]);
    await db.query("update boxes set status = 'destroyed', destroyed_at = now() where id = $1", [box]);
    expect(
      await constraintOf(
        db.query("update boxes set status = 'provisioning', destroyed_at = null where id = $1", [box]),
      ),
    ).toBe("box_transition");
  });

  test("a revoked token stays revoked, and a retiring one has its end", async () => {
    const { customer } = await tenant();
    const id = newId();
    await db.query("insert into proxy_tokens (id, customer_id, token_hash, last4) values ($1, $2, $3, 'abcd')", [
      id,
      customer,
      id.replaceAll("-", "").repeat(2),
    ]);
    const set = (what: string) => constraintOf(db.query(`update proxy_tokens set ${what} where id = $1`, [id]));
    expect(await set("status = 'retiring'")).toBe("proxy_tokens_retiring");
    expect(await set("status = 'retiring', expires_at = now()")).toBe("accepted");
    expect(await set("status = 'active'")).toBe("token_transition");
    expect(await set("status = 'revoked', revoked_at = now()")).toBe("accepted");
    expect(await set("status = 'active', revoked_at = null")).toBe("token_transition");
  });

  test("fences and generations never fall", async () => {
    const { box } = await tenant();
    await db.query("update boxes set fence = 5, generation = 5 where id = $1", [box]);
    expect(await constraintOf(db.query("update boxes set fence = 4 where id = $1", [box]))).toBe("boxes_rising");
    expect(await constraintOf(db.query("update boxes set observed_generation = 6 where id = $1", [box]))).toBe(
      "boxes_generations",
    );
  });
});

describe("what must exist only once", () => {
  test("a live box per subscription and per bot", async () => {
    const made = await tenant(4_200_000_001);
    expect(await constraintOf(addBox(db, { ...made, box: newId() }, 4_200_000_002))).toBe(
      "boxes_one_live_per_subscription",
    );
    expect(await constraintOf(tenant(4_200_000_001))).toBe("boxes_one_live_per_bot");
  });

  test("a running job per box", async () => {
    const { box } = await tenant();
    await addJob(box, "running");
    expect(await constraintOf(addJob(box, "running"))).toBe("operator_jobs_one_running_per_box");
    expect(await constraintOf(addJob(box))).toBe("accepted");
  });

  test("an active token per box", async () => {
    const { customer, box } = await tenant();
    const add = (digit: string) =>
      constraintOf(
        db.query(
          "insert into proxy_tokens (id, customer_id, box_id, token_hash, last4) values ($1, $2, $3, $4, 'abcd')",
          [newId(), customer, box, (digit + newId().replaceAll("-", "")).padEnd(64, "0").slice(0, 64)],
        ),
      );
    expect(await add("a")).toBe("accepted");
    expect(await add("b")).toBe("proxy_tokens_one_active_per_box");
  });

  test("a customer per identity, whatever its case; a customer may have many", async () => {
    const [ada, eve] = [await tenant(), await tenant()];
    const add = (customer: string, kind: string, subject: string) =>
      constraintOf(
        db.query("insert into identities (id, customer_id, kind, subject) values ($1, $2, $3, $4)", [
          newId(),
          customer,
          kind,
          subject,
        ]),
      );
    const [email, user] = [`${ada.customer}@example.com`, String(Math.floor(1e9 * (1 + Math.random())))];
    expect([await add(ada.customer, "email", email), await add(ada.customer, "telegram", user)]).toEqual([
      "accepted",
      "accepted",
    ]);
    expect(await add(eve.customer, "email", email)).toBe("identities_kind_subject_key");
    expect(await add(eve.customer, "telegram", user)).toBe("identities_kind_subject_key");
    for (const [kind, subject] of [
      ["email", "Upper@example.com"],
      ["email", "nobody"],
      ["telegram", "@ada"],
      ["telegram", "007"],
    ] as const) {
      expect(await add(ada.customer, kind, subject), subject).toBe("identities_subject");
    }
  });

  test("an email in lower case, or none", async () => {
    const add = (email: string | null) =>
      constraintOf(db.query("insert into customers (id, email) values ($1, $2)", [newId(), email]));
    expect([await add(null), await add("Upper@example.com")]).toEqual(["accepted", "customers_email_lower"]);
  });
});

describe("what must never change", () => {
  test("the audit log and the ledger", async () => {
    await db.query("insert into audit_log (actor, action, subject) values ('system', 'a', 'b')");
    expect(await constraintOf(db.query("update audit_log set action = 'c'"))).toBe("audit_log_append_only");
    expect(await constraintOf(db.query("delete from audit_log"))).toBe("audit_log_append_only");
    await addEvent(newId(), "now()");
    expect(await constraintOf(db.query("update usage_events set output_tokens = 0"))).toMatch(
      /^usage_events.*_append_only$/,
    );
  });

  test("a bot's token is never stored in the clear", async () => {
    const { box } = await tenant();
    expect(
      await constraintOf(db.query("update boxes set telegram_bot_token_sealed = '1:abc' where id = $1", [box])),
    ).toBe("boxes_sealed");
  });
});

async function addEvent(id: string, when: string): Promise<void> {
  await db.query(
    `insert into usage_events (id, occurred_at, customer_id, token_id, period_start, model, input_tokens, cached_input_tokens, output_tokens, outcome)
     values ($1, ${when}, $1, $1, now(), 'm', 1, 0, 1, 'completed')`,
    [id],
  );
}

describe("the ledger's partitions", () => {
  test("hold their month, and the default one holds what has none", async () => {
    const [here, later] = [newId(), newId()];
    await addEvent(here, "now()");
    await addEvent(later, "'2031-05-05T00:00:00Z'");
    const { rows } = await db.query<{ id: string; part: string }>(
      "select id, tableoid::regclass::text as part from usage_events",
    );
    const partOf = (id: string) => rows.find((row) => row.id === id)?.part;
    expect(partOf(here)).toMatch(/^usage_events_\d{4}_\d{2}$/);
    expect(partOf(later)).toBe("usage_events_default");
  });

  test("are made once for a month, by any number of calls", async () => {
    const make = () => db.query("select ensure_usage_partition('2032-02-29T23:59:59Z')");
    await make();
    await make();
    const id = newId();
    await addEvent(id, "'2032-02-29T23:59:59Z'");
    const { rows } = await db.query<{ part: string }>(
      "select tableoid::regclass::text as part from usage_events where id = $1",
      [id],
    );
    expect(rows).toEqual([{ part: "usage_events_2032_02" }]);
  });
});

/** Customers of before get their identities, and so do those whom the program of before makes while both run. */
import { expect, test } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { pgliteBefore } from "#schema/migrator/testing/migrated-pglite.ts";

test("a customer keeps being found by their email, whichever program made them", async () => {
  const { db, bring } = await pgliteBefore("0010_identities");
  const byOldProgram = (email: string, deletedAt: string | null = null) =>
    db.query("insert into customers (id, email, deleted_at) values ($1, $2, $3)", [newId(), email, deletedAt]);
  const byNewProgram = (email: string) =>
    db.query(
      `with made as (insert into customers (id, email) values ($1, $2) returning id, email)
       insert into identities (id, customer_id, kind, subject) select $3::uuid, id, 'email', email from made`,
      [newId(), email, newId()],
    );
  const found = async () =>
    (
      await db.query<{ email: string }>(
        "select c.email from customers c join identities i on i.customer_id = c.id and i.kind = 'email' and i.subject = c.email order by 1",
      )
    ).rows.map(({ email }) => email);

  for (let i = 0; i < 600; i++) await byOldProgram(`a${i + 1_000}@example.com`);
  await byOldProgram("forgotten@example.com", "2026-01-01");
  await bring(false);
  expect(await found()).toHaveLength(600);
  await byOldProgram("b@example.com");
  await byNewProgram("c@example.com");
  await expect(byNewProgram("c@example.com")).rejects.toMatchObject({ code: "23505" });
  await bring(true);
  await byNewProgram("d@example.com");
  expect((await found()).slice(600)).toEqual(["b@example.com", "c@example.com", "d@example.com"]);
  await expect(byNewProgram("a1000@example.com")).rejects.toMatchObject({ constraint: "identities_kind_subject_key" });
});

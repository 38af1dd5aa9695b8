/** Other people for a box, and a plan with room for fewer, on PGlite. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { overPglite, type TestNeon } from "#cluster/local/neon/testing/test-neon.ts";
import type { Person } from "#schema/domain/people.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import type { Ctx } from "../../context.ts";
import { makeCtx } from "../../testing/make-ctx.ts";
import { seedBox, seedCluster } from "../../testing/seed.ts";
import { resizeBox } from "./resize.ts";
import { updateBox } from "./update.ts";

const ada: Person = { id: 42, name: "Ada" };
const grace: Person = { id: 43, name: "Grace" };
const linus: Person = { id: 44, name: null };

let standIn: TestNeon;
let ctx: Ctx;
beforeAll(async () => {
  standIn = await overPglite();
  ctx = makeCtx(standIn);
  await seedCluster(ctx.db, { id: "c1" });
});
afterAll(() => standIn.close());

async function boxOf(tier: TierId, ...people: Person[]): Promise<string> {
  const { boxId, customerId } = await seedBox(ctx.db, {
    clusterId: "c1",
    tier,
    telegramUserIds: people.map(({ id }) => id),
    telegramUserNames: Object.fromEntries(people.map(({ id, name }) => [id, name ?? ""]).filter(([, name]) => name)),
  });
  await standIn.neon.query("update customers set telegram_user_id = $1 where id = $2", [people[0]?.id, customerId]);
  return boxId;
}

const audit = async (boxId: string) =>
  (await standIn.neon.query("select detail from audit_log where subject = $1 order by id", [boxId])).map(
    ({ detail }) => detail,
  );
const customerIdOf = async (boxId: string) => {
  const [row] = await standIn.neon.query(
    "select c.telegram_user_id::int as id from customers c join boxes b on b.customer_id = c.id where b.id = $1",
    [boxId],
  );
  return row?.id;
};

test("a second person comes with a name, in a new generation that a job brings to the box", async () => {
  const boxId = await boxOf("team", ada);
  const { box, job } = await updateBox({ ctx, input: { boxId, telegram_users: [ada, grace, linus] } });
  expect(box).toMatchObject({ generation: 2, telegram_user_ids: [42, 43, 44], telegram_users: [ada, grace, linus] });
  expect(job).toMatchObject({ type: "update", generation: 2, status: "queued" });
  const left = await updateBox({ ctx, input: { boxId, telegram_users: [{ ...ada, name: "Ada L." }, linus] } });
  expect(left.box).toMatchObject({ generation: 3, telegram_users: [{ id: 42, name: "Ada L." }, linus] });
  expect(await audit(boxId)).toEqual([{ people_added: "43, 44" }, { people_removed: "43", people_renamed: "42" }]);
});

test("a mistyped id is put right, in the box and at its customer, who otherwise stays", async () => {
  const boxId = await boxOf("team", ada);
  await updateBox({ ctx, input: { boxId, telegram_users: [grace, ada] } });
  expect(await customerIdOf(boxId)).toBe(42);
  await updateBox({ ctx, input: { boxId, telegram_users: [linus] } });
  expect(await customerIdOf(boxId)).toBe(44);
});

test("more than the plan has room for are refused, and nothing is changed", async () => {
  const boxId = await boxOf("pro", ada);
  await expect(updateBox({ ctx, input: { boxId, telegram_users: [ada, grace] } })).rejects.toMatchObject({
    code: "invalid_request",
    fields: [{ pointer: "/telegram_users", detail: "The plan Pro has room for one person, not for 2" }],
  });
  expect(await audit(boxId)).toEqual([]);
});

test("a smaller plan waits until somebody says who stays", async () => {
  const boxId = await boxOf("team", ada, grace);
  const to = (tier: TierId, telegram_users?: Person[]) =>
    resizeBox({ ctx, input: { boxId, tier, ...(telegram_users && { telegram_users }) } });
  await expect(to("starter")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("the others lose it: Ada (42), Grace (43)"),
    fields: [{ pointer: "/telegram_users" }],
  });
  await expect(to("starter", [ada, grace])).rejects.toMatchObject({ code: "invalid_request" });
  expect(await audit(boxId)).toEqual([]);
  const { box } = await to("starter", [grace]);
  expect(box).toMatchObject({ tier: "starter", generation: 2, telegram_users: [grace] });
  expect(await customerIdOf(boxId)).toBe(43);
  expect(await audit(boxId)).toEqual([{ tier: "starter", people_removed: "42" }]);
});

test("a plan with room for all needs no choice, and may bring more people at once", async () => {
  const boxId = await boxOf("starter", ada);
  expect((await resizeBox({ ctx, input: { boxId, tier: "pro" } })).box.telegram_users).toEqual([ada]);
  const { box } = await resizeBox({ ctx, input: { boxId, tier: "team", telegram_users: [ada, linus] } });
  expect(box.telegram_users).toEqual([ada, linus]);
});

/** What the minute's sweep does besides offering jobs. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(() => edge.close());

test("a subscription made by hand goes on where its period ended; one that Stripe renews is left alone", async () => {
  const own = await edge.liveBox();
  const stripes = await edge.liveBox();
  const periodOf = (boxId: string) =>
    edge.query(
      `select s.current_period_start::text as start, s.current_period_end::text as end,
         (s.current_period_start + interval '1 month')::text as month_later
       from subscriptions s join boxes b on b.subscription_id = s.id where b.id = $1`,
      [boxId],
    );
  await edge.query(
    `update subscriptions set current_period_start = now() - interval '40 days', current_period_end = now() - interval '9 days',
       stripe_subscription_id = case when id = (select subscription_id from boxes where id = $2) then 'sub_1' end
     where id in (select subscription_id from boxes where id in ($1, $2))`,
    [own, stripes],
  );
  const [before] = await periodOf(own);
  const untouched = await periodOf(stripes);
  await edge.stack.edge.runCron();
  const [after] = await periodOf(own);
  expect(after?.start).toBe(before?.end);
  expect(after?.end).toBe(after?.month_later);
  expect(await periodOf(stripes)).toEqual(untouched);

  await edge.stack.edge.runCron();
  expect(await periodOf(own), "a second sweep finds nothing to renew").toEqual([after]);
});

test("an answer is kept for its day, and then forgotten", async () => {
  const keep = (key: string, expires: string) =>
    edge.query(
      `insert into idempotency_keys (owner, key, request_hash, expires_at) values ('ops', $1, 'hash', now() + $2::interval)`,
      [key, expires],
    );
  await keep("old", "-1 second");
  await keep("fresh", "1 hour");
  await edge.stack.edge.runCron();
  expect(await edge.query("select key from idempotency_keys where owner = 'ops'")).toEqual([{ key: "fresh" }]);
});

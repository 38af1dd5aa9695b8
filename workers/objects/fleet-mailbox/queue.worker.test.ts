import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { mailboxes } from "../../testing/objects.ts";
import type { FleetMailbox } from "../fleet-mailbox.ts";
import { createMailboxStore, type Lease, type MailboxStore } from "./store.ts";

const NOW = Date.parse("2099-03-10T00:00:00Z");

interface Read {
  sql: SqlStorage;
  /** Rows that were looked at since the last question. */
  rowsRead(): number;
}

/** A mailbox's own SQLite, where the rows that it looks at are counted. */
async function inMailbox(work: (store: MailboxStore, read: Read) => void): Promise<void> {
  const stub = mailboxes.get(mailboxes.idFromName(crypto.randomUUID()));
  await runInDurableObject(stub, (_: FleetMailbox, state) => {
    const { sql } = state.storage;
    const cursors: { rowsRead: number }[] = [];
    const exec = (...call: Parameters<SqlStorage["exec"]>) => {
      const cursor = sql.exec(...call);
      cursors.push(cursor);
      return cursor;
    };
    // The store asks for nothing but `exec`.
    const counting = { exec } as unknown as SqlStorage;
    const rowsRead = () => cursors.splice(0).reduce((sum, cursor) => sum + cursor.rowsRead, 0);
    work(createMailboxStore(counting), { sql, rowsRead });
  });
}

const offer = (jobId: string, boxId: string, seq: number, availableAt = NOW) => ({ jobId, boxId, seq, availableAt });
const lease = (jobId: string, boxId: string): Lease => ({
  jobId,
  boxId,
  type: "update",
  attempt: 1,
  fence: 1,
  leaseUntil: NOW + 60_000,
  holder: "",
});

describe("the queue of a mailbox", () => {
  it("gives every box a turn before one gets its second, and who comes later waits behind who came before", () =>
    inMailbox((store) => {
      for (let i = 0; i < 3; i++) store.offer(offer(`many${i}`, "many", i));
      store.offer(offer("b", "other", 10));
      const order: string[] = [];
      for (let now = NOW; store.next(now, 1).length > 0; now += 10) {
        const [next] = store.next(now, 1);
        if (!next) break;
        store.grant(lease(next.jobId, next.boxId), now);
        store.end(next.jobId, 1);
        order.push(next.jobId);
        if (order.length === 2) store.offer(offer("late", "newcomer", 11, now + 5));
      }
      expect(order).toEqual(["many0", "b", "many1", "late", "many2"]);
    }));

  it("keeps a box's order, and passes over boxes that work or wait for their time", () =>
    inMailbox((store) => {
      store.offer(offer("second", "a", 2));
      store.offer(offer("first", "a", 1, NOW + 500));
      store.offer(offer("busy", "b", 3));
      store.offer(offer("behind", "b", 4));
      store.grant(lease("busy", "b"), NOW);
      expect([store.next(NOW, 9), store.nextAvailable(NOW)]).toEqual([[], NOW + 500]);
      store.postpone("first", NOW);
      expect(store.next(NOW, 9).map(({ jobId }) => jobId)).toEqual(["first"]);
      store.drop("first");
      store.end("busy", 1);
      expect(store.next(NOW, 9).map(({ jobId }) => jobId)).toEqual(["second", "behind"]);
    }));

  it("looks at a handful of rows, however many wait", () =>
    inMailbox((store, { rowsRead }) => {
      for (let i = 0; i < 3_000; i++) store.offer(offer(`j${i}`, `b${i % 1_500}`, i));
      rowsRead();
      expect(store.next(NOW, 6)).toHaveLength(6);
      store.nextAvailable(NOW);
      expect(rowsRead()).toBeLessThan(40);
    }));

  it("goes on with the offers of a mailbox that kept no turns yet", () =>
    inMailbox((store, { sql }) => {
      store.offer(offer("j", "b", 1));
      sql.exec("delete from heads");
      expect(store.next(NOW, 9)).toEqual([]);
      expect(createMailboxStore(sql).next(NOW, 9)).toMatchObject([offer("j", "b", 1)]);
    }));

  it("hands out what nobody waits for last, and only so much of it at once", () =>
    inMailbox((store) => {
      for (let i = 0; i < 4; i++) store.offer({ ...offer(`pool${i}`, `pool${i}`, i, NOW - 1_000), background: true });
      store.offer(offer("a", "box-a", 10));
      store.offer(offer("b", "box-b", 11));
      const ids = (offers: { jobId: string }[]) => offers.map(({ jobId }) => jobId);
      expect(ids(store.next(NOW, 4, 1))).toEqual(["a", "b", "pool0"]);
      expect(ids(store.next(NOW, 1, 4))).toEqual(["a"]);
      expect(ids(store.next(NOW, 9, 0))).toEqual(["a", "b"]);
      store.grant({ ...lease("pool0", "pool0"), background: true }, NOW);
      expect(store.heldInBackground()).toBe(1);
      expect(store.lease("pool0")).toMatchObject({ background: true });
      store.end("pool0", 1);
      expect(store.heldInBackground()).toBe(0);
    }));

  it("knows when the next one may run, whoever waits for it or nobody", () =>
    inMailbox((store) => {
      expect(store.nextAvailable(NOW)).toBeUndefined();
      store.offer({ ...offer("pool", "pool", 1, NOW + 5_000), background: true });
      expect(store.nextAvailable(NOW)).toBe(NOW + 5_000);
      store.offer(offer("a", "box-a", 2, NOW + 7_000));
      expect(store.nextAvailable(NOW)).toBe(NOW + 5_000);
      expect(store.nextAvailable(NOW + 6_000)).toBe(NOW + 7_000);
    }));
});

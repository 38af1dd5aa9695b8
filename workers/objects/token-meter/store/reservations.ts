import type { Period } from "../../../contracts/meter.ts";
import type { Account } from "../meter-core.ts";
import type { Row, Rows } from "./rows.ts";

export interface Reservation {
  id: string;
  tokenId: string;
  boxId: string | null;
  model: string;
  period: Period;
  maxOutput: number;
  held: number;
  /** How much more than reserved the prompt could take at most. */
  risk: number;
  /** Output tokens, part of the reservation. */
  lease: number;
  /** Output tokens that the proxy has counted so far. */
  produced: number;
  promptEstimate: number;
  expiresAt: number;
}

/** Sums over a period's open reservations: computed, not stored, so that they can't disagree. */
export type Sums = Pick<Account, "reserved" | "risk" | "open">;

/** The open reservations and the tokens' buckets, which change with them. */
export function openReservations(rows: Rows) {
  const open = new Map<string, Reservation>();
  const buckets = new Map<string, number>();
  const fill = (tokenId: unknown, fullAt: unknown): void => {
    buckets.set(String(tokenId), Math.max(buckets.get(String(tokenId)) ?? 0, Number(fullAt)));
  };
  for (const row of rows.all("select * from buckets")) fill(row.token_id, row.full_at);
  const ENDED = "select request_id from events where request_id is not null";
  for (const row of rows.all(`select *, id in (${ENDED}) as ended from requests`)) {
    fill(row.token_id, row.full_at);
    if (!row.ended) open.set(String(row.id), toReservation(row));
  }

  function keepBucket(tokenId: string, fullAt: number): void {
    rows.run("insert or replace into buckets values (?, ?)", tokenId, fullAt);
    buckets.set(tokenId, fullAt);
  }

  return {
    /** When the token's bucket will be full again. */
    bucket: (tokenId: string): number => buckets.get(tokenId) ?? 0,
    keepBucket,
    keepBucketsOf(tokenIds: readonly string[]): void {
      rows.run("delete from buckets where token_id not in (select value from json_each(?))", JSON.stringify(tokenIds));
      for (const tokenId of buckets.keys()) if (!tokenIds.includes(tokenId)) buckets.delete(tokenId);
    },
    get: (id: string): Reservation | undefined => open.get(id),
    all: (): Iterable<Reservation> => open.values(),
    openOf: (tokenId: string): number => count(open.values(), (one) => one.tokenId === tokenId),
    sums: (periodStart: number): Sums => sumsOf(open.values(), periodStart),
    /** A request's row holds its token's bucket too. */
    add(it: Reservation, fullAt: number): void {
      rows.run(
        "insert into requests values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        it.id,
        it.tokenId,
        it.boxId,
        it.model,
        it.period.start,
        it.period.end,
        it.maxOutput,
        it.held,
        it.risk,
        it.lease,
        it.produced,
        it.promptEstimate,
        it.expiresAt,
        fullAt,
      );
      open.set(it.id, it);
      buckets.set(it.tokenId, fullAt);
    },
    keep(it: Reservation): void {
      rows.run(
        "update requests set held = ?, risk = ?, lease = ?, produced = ?, prompt_estimate = ? where id = ?",
        it.held,
        it.risk,
        it.lease,
        it.produced,
        it.promptEstimate,
        it.id,
      );
      open.set(it.id, it);
    },
    /** Releases a reservation without a charge; the bucket keeps the request. */
    drop({ id, tokenId }: Reservation): void {
      rows.together(() => {
        keepBucket(tokenId, buckets.get(tokenId) ?? 0);
        rows.run("delete from requests where id = ?", id);
      });
      open.delete(id);
    },
    /** In memory only: the event's row is written already. */
    end: (id: string): void => void open.delete(id),
    /** In the table, before the events' rows are deleted. Keeps the tokens' buckets from the requests' rows. */
    dropEnded(upTo: number): void {
      for (const [tokenId, fullAt] of buckets) keepBucket(tokenId, fullAt);
      rows.run(`delete from requests where id in (${ENDED} and seq <= ?)`, upTo);
    },
    nextExpiry: (): number | undefined => {
      let next: number | undefined;
      for (const { expiresAt } of open.values()) next = Math.min(next ?? expiresAt, expiresAt);
      return next;
    },
  };
}

function count<T>(all: Iterable<T>, fits: (one: T) => boolean): number {
  let found = 0;
  for (const one of all) if (fits(one)) found++;
  return found;
}

function sumsOf(all: Iterable<Reservation>, periodStart: number): Sums {
  const sums: Sums = { reserved: 0, risk: 0, open: 0 };
  for (const { period, held, risk } of all) {
    if (period.start !== periodStart) continue;
    sums.reserved += held;
    sums.risk += risk;
    sums.open++;
  }
  return sums;
}

function toReservation(row: Row): Reservation {
  return {
    id: String(row.id),
    tokenId: String(row.token_id),
    boxId: row.box_id === null ? null : String(row.box_id),
    model: String(row.model),
    period: { start: Number(row.period_start), end: Number(row.period_end) },
    maxOutput: Number(row.max_output),
    held: Number(row.held),
    risk: Number(row.risk),
    lease: Number(row.lease),
    produced: Number(row.produced),
    promptEstimate: Number(row.prompt_estimate),
    expiresAt: Number(row.expires_at),
  };
}

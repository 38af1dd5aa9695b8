/** The tables of a meter, and the bookkeeping that a request leaves for later. */
import type { Rows } from "./rows.ts";

/** Each request writes one row when it begins and one when it ends, each into one page: that is all it waits for. */
const TABLES = `
  create table snapshot (one integer primary key check (one = 1), body text not null) strict;
  create table periods (start_at integer primary key, end_at integer not null, settled integer not null) strict;
  create table requests (
    id text primary key, token_id text not null, box_id text, model text not null,
    period_start integer not null, period_end integer not null, max_output integer not null,
    held integer not null check (held >= 0), risk integer not null, lease integer not null, produced integer not null,
    prompt_estimate integer not null, expires_at integer not null, full_at real not null) strict, without rowid;
  create table buckets (token_id text primary key, full_at real not null) strict, without rowid;
  create table events (
    seq integer primary key, request_id text, period_start integer not null, tokens integer not null,
    body text not null) strict;
  create table folded (seq integer not null) strict;
  insert into folded values (0);
  create table guesses (id text primary key, at integer not null, body text not null) strict;
  create table notices (period_start integer primary key, body text not null, told integer not null default 0) strict;
`;

/** Makes what is not there, and does what the object's last life left undone. */
export function prepareTables(rows: Rows): void {
  const exists = rows.number("select count(*) as n from sqlite_master where type = 'table' and name = 'events'");
  if (!exists) rows.together(() => rows.run(TABLES));
  fold(rows);
}

const UNFOLDED = "seq > (select seq from folded)";

/**
 * An event ends its request, and counts into its period, from the moment that its own row is written. Folding does the
 * rest of the writing for many at once: the periods' sums, the tokens' buckets, and the requests' rows, which go.
 */
export function fold(rows: Rows): void {
  if (rows.number(`select max(seq) as n from events where ${UNFOLDED}`) === undefined) return;
  rows.together(() => {
    const ended = `select request_id from events where ${UNFOLDED} and request_id is not null`;
    rows.run(
      `update periods set settled = settled +
         (select sum(tokens) from events where events.period_start = periods.start_at and ${UNFOLDED})
       where start_at in (select period_start from events where ${UNFOLDED})`,
    );
    rows.run(
      `insert into buckets select token_id, max(full_at) from requests where id in (${ended}) group by token_id
       on conflict (token_id) do update set full_at = max(full_at, excluded.full_at)`,
    );
    rows.run(`delete from requests where id in (${ended})`);
    rows.run("update folded set seq = (select max(seq) from events)");
  });
}

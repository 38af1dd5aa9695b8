/** The tables of a meter. */
import type { Rows } from "./rows.ts";

/**
 * Each request writes one row when it begins and one when it ends, each into one page. An event's row alone
 * ends its request and counts in its period; sums and deletions follow for many at
 * once, when the ledger has them.
 */
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
  create table guesses (id text primary key, at integer not null, body text not null) strict;
  create table notices (period_start integer primary key, body text not null, told integer not null default 0) strict;
`;

/** A snapshot stored by an earlier release has the tokens' field under its old name. */
const RENAMED = `update snapshot set body = replace(body, '"whenSpent":', '"onQuotaExceeded":')
  where instr(body, '"whenSpent":') > 0`;

export function prepareTables(rows: Rows): void {
  const exists = rows.number("select count(*) as n from sqlite_master where type = 'table' and name = 'events'");
  if (!exists) rows.together(() => rows.run(TABLES));
  rows.run(RENAMED);
}

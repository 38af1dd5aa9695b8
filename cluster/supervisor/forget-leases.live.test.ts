import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { forgetLeases } from "./forget-leases.ts";

const newState = () => mkdtempSync(join(tmpdir(), "leases-"));
const fileIn = (state: string) => join(state, "state", "openclaw.sqlite");

/** As OpenClaw makes them, and what it keeps beside them. */
const TABLES = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE state_leases (scope TEXT, lease_key TEXT, owner TEXT, expires_at INTEGER, payload_json TEXT) STRICT;
  CREATE TABLE agent_database_leases (lease_id TEXT PRIMARY KEY, owner_pid INTEGER) STRICT;
  CREATE TABLE kept (word TEXT) STRICT;
  INSERT INTO state_leases VALUES ('gateway', 'owner', 'a', 9999999999999, '{"owner":{"pid":8,"host":"another-pod"}}');
  INSERT INTO agent_database_leases VALUES ('1', 8);
  INSERT INTO kept VALUES ('pomegranate');
`;

function database(state: string, sql: string): DatabaseSync {
  mkdirSync(dirname(fileIn(state)), { recursive: true });
  const open = new DatabaseSync(fileIn(state));
  open.exec(sql);
  return open;
}

function rowsOf(state: string, table: string): unknown[] {
  const open = new DatabaseSync(fileIn(state), { readOnly: true });
  try {
    return open.prepare(`SELECT * FROM ${table}`).all();
  } finally {
    open.close();
  }
}

test("whoever was there before is forgotten, and nothing else", () => {
  const state = newState();
  database(state, TABLES).close();
  forgetLeases(state);
  expect([rowsOf(state, "state_leases"), rowsOf(state, "agent_database_leases")]).toEqual([[], []]);
  expect(rowsOf(state, "kept")).toEqual([{ word: "pomegranate" }]);
});

test("also where a crash left the rows in the log beside the database", () => {
  const state = newState();
  const crashed = database(state, TABLES);
  expect(existsSync(`${fileIn(state)}-wal`)).toBe(true);
  forgetLeases(state);
  crashed.close();
  expect(rowsOf(state, "state_leases")).toEqual([]);
});

test("a state folder without a database stays without one", () => {
  const state = newState();
  forgetLeases(state);
  expect(existsSync(fileIn(state))).toBe(false);
});

test("a database of an OpenClaw that keeps no leases is left as it is", () => {
  const state = newState();
  database(state, "CREATE TABLE kept (word TEXT)").close();
  const before = readFileSync(fileIn(state));
  forgetLeases(state);
  expect(readFileSync(fileIn(state)).equals(before)).toBe(true);
});

test("what is no database is OpenClaw's to complain of", () => {
  const state = newState();
  mkdirSync(dirname(fileIn(state)), { recursive: true });
  writeFileSync(fileIn(state), "neither SQLite nor anything else ".repeat(40));
  expect(() => forgetLeases(state)).not.toThrow();
});

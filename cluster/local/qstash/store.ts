/**
 * Named tables in memory, kept in one NDJSON journal where a path is given: every change is appended before the call
 * that made it is answered, so that a restart loses no accepted message.
 */
import { appendFileSync } from "node:fs";
import { readIfThere, writePrivateFile } from "../private-file.ts";

/** A map whose changes last. Values keep the place of their first `set`. */
export interface Table<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  readonly size: number;
}

export interface Store {
  table<T>(name: string): Table<T>;
}

/** One change: a line of the journal. No `value` means deleted. */
interface Change {
  table: string;
  key: string;
  value?: unknown;
}

/** The journal is rewritten when it has this many lines more than twice the living entries. */
const SLACK_LINES = 5_000;

export function openStore(path?: string): Store {
  const tables = new Map<string, Map<string, unknown>>();
  const rows = (name: string) => getOrCreate(tables, name);
  let lines = 0;
  if (path) {
    for (const change of readJournal(path)) apply(rows(change.table), change);
    lines = compact(path, tables);
  }
  const record = (change: Change) => {
    apply(rows(change.table), change);
    if (!path) return;
    appendFileSync(path, `${JSON.stringify(change)}\n`);
    lines += 1;
    if (lines > SLACK_LINES + 2 * count(tables)) lines = compact(path, tables);
  };
  return { table: <T>(name: string) => createTable<T>(name, rows(name) as Map<string, T>, record) };
}

function createTable<T>(name: string, rows: Map<string, T>, record: (change: Change) => void): Table<T> {
  return {
    get: (key) => rows.get(key),
    set: (key, value) => record({ table: name, key, value }),
    delete(key) {
      const present = rows.has(key);
      if (present) record({ table: name, key });
      return present;
    },
    values: () => rows.values(),
    entries: () => rows.entries(),
    get size() {
      return rows.size;
    },
  };
}

function apply(rows: Map<string, unknown>, change: Change): void {
  if (change.value === undefined) rows.delete(change.key);
  else rows.set(change.key, change.value);
}

/** A last line that was cut off by a crash was never answered for: it is left out. */
function readJournal(path: string): Change[] {
  const lines = readIfThere(path)?.toString("utf8").split("\n") ?? [];
  return lines.flatMap((line, index) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as Change];
    } catch {
      if (index >= lines.length - 2) return [];
      throw new Error(`${path} is damaged at line ${index + 1}: delete the file to start empty`);
    }
  });
}

/** Rewrites the journal as it would be if nothing had ever changed; returns its lines. */
function compact(path: string, tables: Map<string, Map<string, unknown>>): number {
  const lines = [...tables].flatMap(([table, rows]) =>
    [...rows].map(([key, value]) => `${JSON.stringify({ table, key, value } satisfies Change)}\n`),
  );
  writePrivateFile(path, lines.join(""));
  return lines.length;
}

const count = (tables: Map<string, Map<string, unknown>>): number =>
  [...tables.values()].reduce((sum, rows) => sum + rows.size, 0);

function getOrCreate(tables: Map<string, Map<string, unknown>>, name: string): Map<string, unknown> {
  const found = tables.get(name) ?? new Map<string, unknown>();
  tables.set(name, found);
  return found;
}

import { backup, DatabaseSync } from "node:sqlite";

export interface DatabaseCopy {
  from: string;
  to: string;
}

/** How long to wait for a writer, in ms. */
const BUSY_MS = 10_000;
/** Copied in one step; in between, this process answers its probes. */
const PAGES = 1_000;

/**
 * Copies SQLite databases that are in use, all as they were at one moment: a read transaction pins each of them, one
 * right after the other and before the first is copied, so nothing that is written meanwhile is in one and not in
 * the other. Writers go on (WAL). Throws where a copy would not be whole.
 */
export async function copyDatabases(copies: readonly DatabaseCopy[]): Promise<void> {
  const open: { database: DatabaseSync; to: string }[] = [];
  try {
    for (const { from, to } of copies) {
      open.push({ database: new DatabaseSync(from, { readOnly: true, timeout: BUSY_MS }), to });
    }
    for (const { database } of open) pin(database);
    for (const { database, to } of open) await backup(database, to, { rate: PAGES });
  } finally {
    for (const { database } of open) database.close();
  }
  for (const { to } of copies) check(to);
}

/** A read transaction begins with its first read. */
function pin(database: DatabaseSync): void {
  database.exec("BEGIN");
  database.prepare("SELECT count(*) FROM sqlite_schema").get();
}

/** Makes the copy a single file, without a log beside it. */
function check(file: string): void {
  const copy = new DatabaseSync(file);
  try {
    copy.exec("PRAGMA journal_mode = DELETE");
    const answer = copy.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    if (answer !== "ok") throw new Error("a database's copy is damaged");
  } finally {
    copy.close();
  }
}

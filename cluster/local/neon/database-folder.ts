import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What PostgreSQL can't start without; a folder that lacks one was left half made, or lost a part. */
const PARTS = ["PG_VERSION", "global/pg_control", "base", "pg_wal"];

/**
 * Whether a folder has a database; an empty or missing one has none yet.
 * @throws Error that says what to do, where it has a part of one
 */
export function holdsDatabase(folder: string): boolean {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return false;
  const missing = PARTS.find((part) => isMissing(join(folder, part)));
  if (missing) throw new Error(`${folder} is a damaged database: ${missing} is missing or empty. ${whatToDo(folder)}`);
  return true;
}

function isMissing(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return !found || (found.isDirectory() ? readdirSync(path).length === 0 : found.size === 0);
}

/** PostgreSQL's own reason is lost with the process that it aborts, here a WebAssembly module. */
export function notOpened(folder: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  if (code) return new Error(`${folder} can't be opened as a database: ${why}`, { cause });
  return new Error(
    `${folder} can't be opened as a database: it is damaged, or the disk is full (PostgreSQL ended: ${why}). ${whatToDo(folder)}`,
    { cause },
  );
}

const whatToDo = (folder: string): string =>
  `Put the folder back from a copy, or start afresh: delete ${join(folder, "..")}, which has what belongs to it.`;

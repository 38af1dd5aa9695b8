import { lstatSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readIfThere, writeAtomically } from "../atomic-file.ts";

/** A file that is ours alone, in a folder where the agent can write as well. */
export interface OwnedFile {
  /** For operators. */
  name: string;
  path: string;
  /** What has to be in it for what is in it now: the same text where nothing is to be done. Null: it must not be there. */
  wanted: (current: string | null) => string | null;
  /** The agent may edit it: whoever writes it gets time to finish. */
  shared?: boolean;
}

/** Larger, it is nothing that we would read. */
const MOST_BYTES = 4 * 1024 * 1024;

/** A backup that is being made gives each file of the agent's a second name, and must not be written into. */
const SECOND_NAMES = Number.POSITIVE_INFINITY;

/** Puts the file right; whether that was needed. Throws if it can't be. */
export function putRight({ path, wanted, shared }: OwnedFile): boolean {
  const isOurs = isPlainFile(path, shared ? SECOND_NAMES : 1);
  const current = isOurs ? readIfThere(path) : null;
  const right = wanted(current);
  if (isOurs !== false && right === current) return false;
  if (isOurs === false || right === null) rmSync(path, { recursive: true, force: true });
  if (right !== null && (shared || !isOurs || !overwrite(path, right))) write(path, right);
  return true;
}

/**
 * In place, where that works: OpenClaw watches the file itself, and a program that replaces it and is undone by another
 * replacement within the same moment leaves it with a watch on a file that is gone. OpenClaw reads after 200 ms of quiet.
 */
function overwrite(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "r+" });
    truncateSync(path, Buffer.byteLength(content));
    return true;
  } catch {
    return false;
  }
}

/**
 * Null if there is nothing. A link is not a plain file, nor is one that has more names than it may: what is written there
 * would not be seen here.
 */
function isPlainFile(path: string, names: number): boolean | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found ? found.isFile() && found.nlink <= names && found.size <= MOST_BYTES : null;
}

/** On a full disk, the file's own room is all that is left. */
function write(path: string, content: string): void {
  makeFolder(dirname(path));
  try {
    writeAtomically(path, content);
  } catch {
    rmSync(path, { recursive: true, force: true });
    writeAtomically(path, content);
  }
}

/** A link to another folder would lead us there. */
function makeFolder(dir: string): void {
  const found = lstatSync(dir, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) rmSync(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
}

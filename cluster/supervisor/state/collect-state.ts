import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate as letOthersRun } from "node:timers/promises";
import { copyDatabases, type DatabaseCopy } from "./copy-databases.ts";

/** The parts of a box's memory below its state folder. The rest, secrets included, is rendered from box.json. */
export const MEMORY = ["openclaw", "home", "workspace", "config/written.json"] as const;

/** Logs, caches and sockets, useless in another pod. Matched against the path below the state folder. */
const LEFT_OUT = [
  /^openclaw\/gateway(\.\d+)?\.log(\.\d+)?$/,
  /^openclaw\/(logs|tmp|cache)(\/|$)/,
  /^openclaw\/.*\.lock$/,
  /^home\/\.(cache|npm)(\/|$)/,
];

/** SQLite's files beside a database; the copy of the database includes their content. */
const BESIDE_DATABASE = ["-wal", "-shm", "-journal"];
const SQLITE = "SQLite format 3\0";

export interface Collected {
  files: number;
}

/**
 * Puts the memory as it is now into the empty folder `into`, which is on the same volume: a hard link for each file (no
 * copy, and a file that is replaced meanwhile stays as it was), a consistent copy for each SQLite database. The agent
 * goes on working.
 */
export async function collectState(stateDir: string, into: string): Promise<Collected> {
  const collected: Collected = { files: 0 };
  const databases: DatabaseCopy[] = [];
  const take = async (path: string): Promise<void> => {
    if (LEFT_OUT.some((pattern) => pattern.test(path))) return;
    const from = join(stateDir, path);
    const to = join(into, path);
    const stat = lstatSync(from, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      mkdirSync(to, { recursive: true, mode: 0o700 });
      // Yield: this process also answers the probes.
      await letOthersRun();
      for (const name of readdirSync(from)) await take(`${path}/${name}`);
    } else if (stat?.isSymbolicLink()) {
      symlinkSync(readlinkSync(from), to);
    } else if (stat?.isFile() && !belongsToDatabase(from)) {
      collected.files += 1;
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      if (isDatabase(from)) databases.push({ from, to });
      else link(from, to);
    }
  };
  for (const path of MEMORY) await take(path);
  await copyAll(databases);
  return collected;
}

/** OpenClaw's own databases must be intact. One in the workspace that SQLite can't read is copied as a file. */
async function copyAll(databases: readonly DatabaseCopy[]): Promise<void> {
  const [own, others] = [databases.filter(isOwn), databases.filter((copy) => !isOwn(copy))];
  await copyDatabases(own);
  for (const copy of others) await copyDatabases([copy]).catch(() => link(copy.from, copy.to));
}

const isOwn = ({ to }: DatabaseCopy): boolean => /\/openclaw\//.test(to);

function isDatabase(file: string): boolean {
  const head = Buffer.alloc(SQLITE.length);
  const handle = openSync(file, "r");
  try {
    return readSync(handle, head) === head.length && head.toString("latin1") === SQLITE;
  } finally {
    closeSync(handle);
  }
}

function belongsToDatabase(file: string): boolean {
  const suffix = BESIDE_DATABASE.find((end) => file.endsWith(end));
  if (!suffix) return false;
  const database = file.slice(0, -suffix.length);
  return existsSync(database) && isDatabase(database);
}

/** Ignores a file that has been deleted meanwhile. */
function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

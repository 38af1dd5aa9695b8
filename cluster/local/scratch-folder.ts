import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPidFile, writePidFile } from "#cluster/system/pid-file.ts";

const PREFIX = "openclaw-cloud-run-";
/** Names the process that the folder belongs to. */
const OWNER = "owner.json";
/** One that has no owner yet is being made, unless it is old. */
const MADE_MS = 60 * 60_000;

/** A folder in `parent` that is this process's until it ends. What earlier ones left when they were killed is removed. */
export function makeScratchFolder(parent = tmpdir()): string {
  sweep(parent);
  const folder = mkdtempSync(join(parent, PREFIX));
  writePidFile(join(folder, OWNER), process.pid);
  return folder;
}

function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    // A folder of another user, or one that another start sweeps too, stays with them.
    if (name.startsWith(PREFIX) && isLeftover(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

function isLeftover(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return false;
  const owner = join(folder, OWNER);
  return existsSync(owner) ? readPidFile(owner) === undefined : Date.now() - found.mtimeMs > MADE_MS;
}

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import { MEMORY } from "./collect-state.ts";

/**
 * Puts fetched memory in the place of what is there, so that at any moment, also after a crash, either can be had
 * whole: the old is moved aside, not removed, until the new has proved itself.
 */
interface Journal {
  order_id: string;
  /** The previous memory. */
  had: string[];
}

const folder = (stateDir: string) => join(stateDir, ".restore");
const journalOf = (stateDir: string) => join(folder(stateDir), "journal.json");
const markOf = (stateDir: string) => join(stateDir, "config", "restored.json");

/** An empty folder for the fetched memory. */
export function makeRoom(stateDir: string): string {
  rmSync(folder(stateDir), { recursive: true, force: true });
  const tree = join(folder(stateDir), "tree");
  mkdirSync(tree, { recursive: true, mode: 0o700 });
  return tree;
}

/** The gateway must not run. */
export function swapIn(stateDir: string, orderId: string): void {
  const had = MEMORY.filter((path) => existsSync(join(stateDir, path)));
  writeAtomically(journalOf(stateDir), JSON.stringify({ order_id: orderId, had } satisfies Journal));
  for (const path of MEMORY) {
    move(join(stateDir, path), join(folder(stateDir), "before", path));
    move(join(folder(stateDir), "tree", path), join(stateDir, path));
  }
}

/** Keeps the new memory. From here on this order is done, however often it is read. */
export function keep(stateDir: string, orderId: string): void {
  writeAtomically(markOf(stateDir), JSON.stringify({ order_id: orderId }));
  rmSync(folder(stateDir), { recursive: true, force: true });
}

/** Puts the old memory back. The gateway must not run. */
export function rollBack(stateDir: string): void {
  const journal = readIfThere(journalOf(stateDir));
  const had: string[] = journal ? (JSON.parse(journal) as Journal).had : [];
  for (const path of journal ? MEMORY : []) {
    const before = join(folder(stateDir), "before", path);
    // Still in its place: the swap did not get this far.
    if (had.includes(path) && !existsSync(before)) continue;
    rmSync(join(stateDir, path), { recursive: true, force: true });
    move(before, join(stateDir, path));
  }
  rmSync(folder(stateDir), { recursive: true, force: true });
}

/** After a start: cleans up an interrupted restore. */
export function recover(stateDir: string): void {
  const journal = readIfThere(journalOf(stateDir));
  if (journal && isRestored(stateDir, (JSON.parse(journal) as Journal).order_id)) {
    rmSync(folder(stateDir), { recursive: true, force: true });
  } else rollBack(stateDir);
}

export function isRestored(stateDir: string, orderId: string): boolean {
  return readIfThere(markOf(stateDir)) === JSON.stringify({ order_id: orderId });
}

function move(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  renameSync(from, to);
}

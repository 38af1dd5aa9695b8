import { type FSWatcher, lstatSync, watch } from "node:fs";
import { dirname } from "node:path";
import { type OwnedFile, putRight } from "./owned-file.ts";

export interface FileGuardOptions {
  /** Called after a file had to be put right. */
  onUndone: (name: string) => void;
  /** Called when one can't be. */
  onStuck: (name: string, problem: string) => void;
  pollMs?: number;
}

export interface FileGuard {
  /** Guards these from now on, as they are; null: none. */
  hold(files: readonly OwnedFile[] | null): void;
  /** Looks at all of them now. */
  check(): void;
  close(): void;
}

const POLL_MS = 1_000;
/** How long a shared file rests before it is looked at, and how long at most it may take to come to rest. */
const REST_MS = { least: 300, most: 2_000 };

/**
 * Undoes within milliseconds what a process of the same user changes in files that are ours. OpenClaw reads its
 * configuration half a second after a change (200 ms of quiet, then 300 ms), so it usually finds it as it was. The poll
 * is for what causes no event: a folder that was replaced, a watcher that could not be opened.
 */
export function createFileGuard({ onUndone, onStuck, pollMs = POLL_MS }: FileGuardOptions): FileGuard {
  let held: readonly OwnedFile[] = [];
  let watched = new Map<string, { watcher: FSWatcher; inode: number }>();

  /** Since when a shared file is being written. */
  const busy = new Map<string, number>();
  const isBusy = ({ path, shared }: OwnedFile): boolean => {
    const age = shared ? Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) : REST_MS.least;
    const since = busy.get(path) ?? Date.now();
    if (Math.abs(age) < REST_MS.least && Date.now() - since < REST_MS.most) return Boolean(busy.set(path, since));
    busy.delete(path);
    return false;
  };

  const look = (file: OwnedFile) => {
    try {
      if (isBusy(file) || !putRight(file)) return;
      onUndone(file.name);
    } catch (error) {
      onStuck(file.name, error instanceof Error ? error.message : String(error));
    }
  };
  const check = () => {
    for (const file of held) look(file);
    watchFolders();
  };
  const onEvent = (dir: string, name: string | null) => {
    for (const file of held)
      if (dirname(file.path) === dir && (name === null || file.path.endsWith(`/${name}`))) look(file);
  };
  const watchFolders = () => {
    const dirs = new Set(held.map(({ path }) => dirname(path)));
    for (const [dir, { watcher, inode }] of watched) {
      if (dirs.has(dir) && inode === inodeOf(dir)) continue;
      watcher.close();
      watched.delete(dir);
    }
    for (const dir of dirs) if (!watched.has(dir)) open(dir);
  };
  const open = (dir: string) => {
    try {
      const watcher = watch(dir, (_event, name) => onEvent(dir, name));
      watcher.on("error", () => watcher.close());
      watched.set(dir, { watcher, inode: inodeOf(dir) });
    } catch {
      // Not there, or no inotify instances left: the poll alone does it.
    }
  };
  const poll = setInterval(check, pollMs);
  const letGo = () => {
    for (const { watcher } of watched.values()) watcher.close();
    watched = new Map();
    held = [];
  };

  return {
    hold(files) {
      if (!files) return letGo();
      held = files;
      watchFolders();
    },
    check,
    close() {
      clearInterval(poll);
      letGo();
    },
  };
}

const inodeOf = (dir: string): number => lstatSync(dir, { throwIfNoEntry: false })?.ino ?? 0;

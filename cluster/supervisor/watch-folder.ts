import { type FSWatcher, watch } from "node:fs";

export interface WatchOptions {
  /** Changes in quick succession cause one call. */
  settleMs?: number;
  /** The interval of calls without an event, because some file systems and symlink swaps cause none. */
  pollMs?: number;
}

/**
 * Calls `onMaybeChanged` after something may have changed in `dir`; the caller compares contents. Watches the folder
 * and not a file: Kubernetes swaps a symlink (`..data`) beside the file, and editors rename a new one into place.
 */
export function watchFolder(dir: string, onMaybeChanged: () => void, options: WatchOptions = {}): { close(): void } {
  const { settleMs = 20, pollMs = 5_000 } = options;
  let settling: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(settling);
    settling = setTimeout(onMaybeChanged, settleMs);
  };
  const watcher = openWatcher(dir, soon);
  const poll = setInterval(onMaybeChanged, pollMs);
  return {
    close() {
      watcher?.close();
      clearInterval(poll);
      clearTimeout(settling);
    },
  };
}

/** Without a watcher (no inotify instances left, folder not there yet) the poll alone does it, slower. */
function openWatcher(dir: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(dir, onEvent);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

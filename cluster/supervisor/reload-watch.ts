/** OpenClaw's lines about a changed configuration file: taken in, or skipped because it is invalid. */
const NOTICED = /\[reload\] config/;

/** It notices in under a second on an idle machine. */
const NOTICES_MS = 20_000;

export interface ReloadWatchOptions {
  /** Whether the gateway has started: before, it reads the file without a word. */
  isUp: () => boolean;
  /** Called when it has not noticed a change. */
  onMissed: () => void;
  noticesMs?: number;
}

/**
 * Whether the running gateway has noticed what was written for it. Its watcher drops the second of two changes within
 * five milliseconds and is blind from then on, and a program in the box can bring that about.
 */
export function createReloadWatch({ isUp, onMissed, noticesMs = NOTICES_MS }: ReloadWatchOptions) {
  let written: string | undefined;
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (known === undefined || known === written) return;
    timer = setTimeout(() => (isUp() ? onMissed() : wait()), noticesMs);
    timer.unref();
  };
  const settle = () => {
    known = written;
    clearTimeout(timer);
  };
  return {
    /** The configuration file's content now. */
    onWritten(content: string): void {
      written = content;
      wait();
    },
    /** A gateway is about to read the file. */
    onStart: settle,
    onLine(line: string): void {
      if (NOTICED.test(line)) settle();
    },
    close: () => clearTimeout(timer),
  };
}

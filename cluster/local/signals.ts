/** npm passes on a Ctrl-C that the terminal has sent to all of us: two signals within a moment are one person's wish. */
const IMPATIENT_AFTER_MS = 1_000;

interface Stream {
  isTTY?: boolean | undefined;
}

/**
 * Ends this process in order at SIGINT and SIGTERM, and at once when asked again. At SIGHUP only where there is a
 * terminal to lose: nohup takes it away, and that nohup ignores the signal can't be seen, since Node resets it.
 */
export function endOnSignals(
  end: () => Promise<void>,
  streams: readonly Stream[] = [process.stdin, process.stdout, process.stderr],
): void {
  let since: number | undefined;
  const onSignal = () => {
    if (since !== undefined && performance.now() - since > IMPATIENT_AFTER_MS) process.exit(1);
    if (since !== undefined) return;
    since = performance.now();
    end().then(() => process.exit(0), leave);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", streams.some(({ isTTY }) => isTTY) ? onSignal : () => {});
}

function leave(error: Error): void {
  console.error(`Not all could be stopped in order: ${error.message}`);
  process.exit(1);
}

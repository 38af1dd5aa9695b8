/** A full disk, or one that fails. */
const OF_THE_DISK = new Set(["ENOSPC", "EDQUOT", "EIO", "EROFS"]);

export const isOfTheDisk = (error: unknown): boolean =>
  OF_THE_DISK.has(String((error as NodeJS.ErrnoException | undefined)?.code));

/**
 * Keeps this process running when a write fails that nobody waits for: all stand-ins are in it, and the agents' messages
 * pass through it. Any other error that nobody takes ends it, as Node's default is.
 */
export function surviveFullDisk(): void {
  // The output may be a file on that disk, or a terminal that was closed.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("uncaughtException", (error) => {
    if (isOfTheDisk(error)) {
      console.error(`Something could not be written, and the rest goes on: ${error.message}`);
      return;
    }
    console.error(error);
    process.exit(1);
  });
}

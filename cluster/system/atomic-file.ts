import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Writes so that a reader sees the old or the new file, never a part; readable by its owner only. */
export function writeAtomically(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    writeFileSync(unfinished, content, { mode: 0o600, flush: true });
    renameSync(unfinished, file);
  } catch (error) {
    // On a full disk the part that was written would keep it full.
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** Null if there is no such file. */
export const readIfThere = (file: string): string | null => bytesIfThere(file)?.toString("utf8") ?? null;

/** Undefined if there is no such file. */
export function bytesIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

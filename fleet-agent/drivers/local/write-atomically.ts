import { renameSync, writeFileSync } from "node:fs";

/** Readers see the old content or the new, never half of it; only the owner may read it. */
export function writeAtomically(file: string, text: string): void {
  const unfinished = `${file}.tmp-${process.pid}`;
  writeFileSync(unfinished, text, { mode: 0o600, flush: true });
  renameSync(unfinished, file);
}

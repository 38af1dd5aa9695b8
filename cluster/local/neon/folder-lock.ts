import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { createPidFile, isAlive } from "#cluster/pid-file.ts";

/**
 * Keeps a second process from opening the same database files, which would corrupt them.
 * @returns what gives the folder free again
 * @throws Error that names the process which has it
 */
export function lockFolder(folder: string): () => void {
  const file = `${folder.replace(/\/+$/, "")}.lock`;
  mkdirSync(dirname(file), { recursive: true });
  if (!createPidFile(file)) {
    const holder = Number(readFileSync(file, "utf8"));
    if (isAlive(holder)) {
      throw new Error(`${folder} is in use by process ${holder}: stop it first (if it isn't ours, delete ${file})`);
    }
    // The process that wrote it was killed before it could clean up.
    rmSync(file, { force: true });
    if (!createPidFile(file)) throw new Error(`${folder} was just taken by another process: stop that one first`);
  }
  return () => rmSync(file, { force: true });
}

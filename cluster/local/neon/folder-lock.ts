import { claimPidFile, removePidFile } from "#cluster/system/pid-file.ts";

/**
 * Keeps a second process from opening the same database files, which would corrupt them.
 * @returns what gives the folder free again
 * @throws Error that names the process which has it
 */
export function lockFolder(folder: string): () => void {
  const file = `${folder.replace(/\/+$/, "")}.lock`;
  const holder = claimPidFile(file);
  if (holder) throw new Error(`${folder} is in use by process ${holder.pid}: stop it first`);
  return () => removePidFile(file);
}

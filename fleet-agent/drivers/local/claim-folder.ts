import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readPidFile, removePidFile, writePidFile } from "./pid-file.ts";

/**
 * Makes this process the one agent of the folder, so that two never start the same boxes. Throws with words for the
 * person who started it; returns what lets go of it.
 */
export function claimFolder(root: string): () => void {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const file = join(root, "agent.json");
  const other = readPidFile(file);
  if (other && other.pid !== process.pid) {
    throw new Error(
      `Another fleet-agent (process ${other.pid}) runs the boxes in ${root}. Stop it first, or give this one another STATE_ROOT.`,
    );
  }
  writePidFile(file, process.pid);
  return () => removePidFile(file);
}

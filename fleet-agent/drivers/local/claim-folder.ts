import { join } from "node:path";
import { claimPidFile, removePidFile } from "#cluster/system/pid-file.ts";

/**
 * Makes this process the folder's only agent, so that two never start the same boxes. Throws with a message for the
 * operator; returns a function that releases the folder.
 */
export function claimFolder(root: string): () => void {
  const file = join(root, "agent.json");
  const other = claimPidFile(file);
  if (other && other.pid !== process.pid) {
    throw new Error(
      `Another fleet-agent (process ${other.pid}) runs the boxes in ${root}. Stop it first, or give this one another STATE_ROOT.`,
    );
  }
  return () => removePidFile(file);
}

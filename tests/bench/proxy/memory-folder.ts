import { constants } from "node:fs";
import { access, mkdtemp } from "node:fs/promises";
import { join } from "node:path";

const MEMORY = "/dev/shm";

/**
 * A folder in memory, where the machine has one: Cloudflare confirms an object's writes over its network, so this
 * machine's disk, which every one of them would wait for, has nothing to do with it. Else one in `folder`.
 */
export async function memoryFolder(folder: string): Promise<string> {
  const inMemory = await access(MEMORY, constants.W_OK).then(
    () => true,
    () => false,
  );
  return mkdtemp(join(inMemory ? MEMORY : folder, "openclaw-cloud-bench-"));
}

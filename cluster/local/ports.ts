import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { isAlive } from "#cluster/pid-file.ts";

/** A port that was free a moment ago: the Worker must know its own address before it listens. */
export const freePort = (host: string): Promise<number> => tryPort(host, 0);

/**
 * Tells early and in words what would fail late.
 * @param lockFile holds the process that uses our data folder
 * @throws Error that says what is taken, and what to do
 */
export async function refuseTakenPorts(host: string, port: number, lockFile: string): Promise<void> {
  if (port === 0) return;
  for (const wanted of [port, port + 1]) {
    await tryPort(host, wanted).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE")
        throw new Error(`${host}:${wanted} can't be used: ${error.message}. See HOST and PORT.`);
      throw new Error(`${host}:${wanted} is in use. ${whatToDo(lockFile, port)}`);
    });
  }
}

function whatToDo(lockFile: string, port: number): string {
  const pid = holderOf(lockFile);
  if (pid) return `openclaw-cloud runs already from this folder: end process ${pid} first (kill ${pid}).`;
  return `End the program that listens there, or choose another port: PORT=${port + 10} npm start`;
}

function holderOf(lockFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(lockFile, "utf8"));
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function tryPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

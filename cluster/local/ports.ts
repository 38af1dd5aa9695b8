import { tryPort } from "#cluster/system/free-port.ts";
import { readPidFile } from "#cluster/system/pid-file.ts";

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
  const pid = readPidFile(lockFile)?.pid;
  if (pid) return `openclaw-cloud runs already from this folder: end process ${pid} first (kill ${pid}).`;
  return `End the program that listens there, or choose another port: PORT=${port + 10} npm start`;
}

import { readdirSync, readFileSync } from "node:fs";

/** Of one container: an agent at work has a few dozen. */
const MOST = 512;
const LOOK_MS = 1_000;

/**
 * Watches how many processes there are, where all that can be seen are this box's: in a container of its own, whose first
 * process is tini. A program that forks without end is ended with the container.
 */
export function watchProcesses(onTooMany: (why: string) => void, proc = "/proc"): { close(): void } {
  if (!isOwnContainer(proc)) return { close: () => undefined };
  const timer = setInterval(() => {
    if (countProcesses(proc) <= MOST) return;
    clearInterval(timer);
    onTooMany(`more than ${MOST} processes run in it`);
  }, LOOK_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

const countProcesses = (proc: string): number => readdirSync(proc).filter((name) => /^\d+$/.test(name)).length;

function isOwnContainer(proc: string): boolean {
  try {
    return readFileSync(`${proc}/1/comm`, "utf8").trim() === "tini";
  } catch {
    return false;
  }
}

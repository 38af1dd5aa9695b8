/**
 * Brings the pinned OpenClaw to this machine: for the local driver at first use, and for the image.
 * `node cluster/image/openclaw/fetch.ts` does it by hand and prints the folder.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { imageConfig } from "../config.ts";
import { withFileLock } from "./file-lock.ts";
import { npmCi } from "./npm.ts";
import { PIN_DIR, type Pin, readPin } from "./pin.ts";

export interface FetchOptions {
  /** Default `${XDG_CACHE_HOME:-~/.cache}/openclaw-cloud`. */
  cacheDir?: string;
  /** One line of text, at least every three seconds during a fetch; not called if it is present. */
  onProgress?: (line: string) => void;
  /** Installs the pin that was copied to `dir`; `npmCi` when not given. */
  install?: (dir: string, options: { onPackage: () => void }) => Promise<void>;
  pinDir?: string;
}

const PROGRESS_MS = 3_000;

/**
 * The folder whose node_modules holds the pinned openclaw; installs it when it is not there yet.
 * One process at a time installs, the others wait for it; a killed install leaves nothing that looks complete.
 */
export async function fetchOpenClaw(options: FetchOptions = {}): Promise<string> {
  const cacheDir = options.cacheDir ?? imageConfig().cacheDir;
  const pin = readPin(options.pinDir);
  const target = join(cacheDir, pin.folderName);
  if (existsSync(target)) return target;
  mkdirSync(cacheDir, { recursive: true });
  const onWait = (pid: number) => options.onProgress?.(`waiting for process ${pid}, which is fetching OpenClaw`);
  await withFileLock(`${target}.lock`, () => install(target, pin, options), { onWait });
  return target;
}

async function install(target: string, pin: Pin, options: FetchOptions): Promise<void> {
  if (existsSync(target)) return;
  removeLeftovers(target);
  const unfinished = `${target}.tmp-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(join(options.pinDir ?? PIN_DIR, name), join(unfinished, name));
  const progress = reportProgress(pin, options.onProgress);
  try {
    await (options.install ?? npmCi)(unfinished, progress);
    if (!existsSync(join(unfinished, "node_modules/openclaw/openclaw.mjs"))) throw new Error("npm left it incomplete");
    moveIntoPlace(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error(whatToDo(pin, target, error), { cause: error });
  } finally {
    progress.stop();
  }
}

function reportProgress(pin: Pin, onProgress: FetchOptions["onProgress"]): { onPackage(): void; stop(): void } {
  const startedAt = Date.now();
  let count = 0;
  onProgress?.(`fetching OpenClaw ${pin.version} from the npm registry, once: about 650 MB on disk, half a minute`);
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    const state = count < pin.packages ? `${count} of ${pin.packages} packages` : "unpacking";
    onProgress?.(`fetching OpenClaw ${pin.version}: ${state}, ${seconds} s`);
  }, PROGRESS_MS);
  return { onPackage: () => void count++, stop: () => clearInterval(timer) };
}

/** Another process may have been faster after a stale lock: use its copy. */
function moveIntoPlace(unfinished: string, target: string): void {
  try {
    renameSync(unfinished, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** We hold the lock, so an unfinished folder belongs to a process that was killed. */
function removeLeftovers(target: string): void {
  const [folder, name] = [join(target, ".."), `${target.slice(target.lastIndexOf("/") + 1)}.tmp-`];
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith(name)) rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

function whatToDo(pin: Pin, target: string, error: unknown): string {
  return [
    `OpenClaw ${pin.version} could not be fetched: ${error instanceof Error ? error.message : String(error)}`,
    "Check that the npm registry is reachable (npm ping) and that the disk has 1.5 GB free, then start again.",
    `Without a registry, copy the folder ${target} from a machine that has it.`,
  ].join("\n");
}

if (import.meta.main) {
  try {
    console.log(await fetchOpenClaw({ onProgress: (line) => console.error(line) }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { imageConfig } from "#cluster/image/config.ts";
import { withFileLock } from "#cluster/image/openclaw/file-lock.ts";

const run = promisify(execFile);

/** Python packages in an environment of their own in the cache, made at the first use. @returns its folder. */
export function pythonPackages(name: string, requirements: readonly string[]): Promise<string> {
  return once(name, async (folder) => {
    await run("python3", ["-m", "venv", folder]);
    await run(join(folder, "bin/python"), ["-m", "pip", "install", "--quiet", ...requirements], {
      maxBuffer: 16 << 20,
    });
  });
}

/** An npm package with what it needs, in a folder of the cache. @returns the folder that holds node_modules. */
export function npmPackage(name: string, manifest: object): Promise<string> {
  return once(name, async (folder) => {
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, ...manifest }));
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, maxBuffer: 16 << 20 });
  });
}

/** Such an environment can't be moved, so a file in it marks it as complete. */
async function once(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(imageConfig().cacheDir, name);
  const whole = join(folder, ".whole");
  await mkdir(join(folder, ".."), { recursive: true });
  await withFileLock(`${folder}.lock`, async () => {
    if (existsSync(whole)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await install(folder);
    await writeFile(whole, "");
  });
  return folder;
}

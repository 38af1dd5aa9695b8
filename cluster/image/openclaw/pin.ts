import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder with the package.json and package-lock.json that say exactly which OpenClaw every box runs. */
export const PIN_DIR = import.meta.dirname;

export interface Pin {
  version: string;
  /** How many packages `npm ci` puts on disk here; other platforms' optional ones are left out. */
  packages: number;
  /** Names an installed copy: another lock file or another platform is another copy. */
  folderName: string;
}

interface Lock {
  packages: Record<string, { version?: string; optional?: boolean; os?: string[]; cpu?: string[]; inBundle?: boolean }>;
}

export function readPin(dir: string = PIN_DIR, platform = process.platform, arch = process.arch): Pin {
  const text = readFileSync(join(dir, "package-lock.json"), "utf8");
  const lock = JSON.parse(text) as Lock;
  const version = lock.packages["node_modules/openclaw"]?.version;
  if (!version)
    throw new Error(`${join(dir, "package-lock.json")} does not hold openclaw: make it again with npm install`);
  const hash = createHash("sha256").update(`${platform}-${arch}\n${text}`).digest("hex").slice(0, 12);
  return { version, packages: countFor(lock, platform, arch), folderName: `openclaw-${version}-${hash}` };
}

function countFor(lock: Lock, platform: string, arch: string): number {
  return Object.entries(lock.packages).filter(
    ([path, entry]) =>
      path !== "" && !entry.inBundle && (entry.os?.includes(platform) ?? true) && (entry.cpu?.includes(arch) ?? true),
  ).length;
}

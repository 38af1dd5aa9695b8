import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of the OpenClaw that this box runs. */
export function openClawVersion(openclawDir: string): string {
  const manifest = readFileSync(join(openclawDir, "node_modules/openclaw/package.json"), "utf8");
  return String((JSON.parse(manifest) as { version?: unknown }).version);
}

/** OpenClaw migrates an older state when it starts, but can't read a newer one. Versions are numbers with dots. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [numbers(version), numbers(than)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

const numbers = (version: string): number[] => (version.split("-")[0] ?? "").split(".").map(Number);

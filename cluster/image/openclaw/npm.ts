import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type ImageConfig, imageConfig } from "../config.ts";

/**
 * npm's own script, to be run by the Node that runs us: the machine's node may be older than what OpenClaw needs,
 * and npm picks packages by the Node that it runs under.
 */
export function findNpm(config: ImageConfig = imageConfig()): string {
  if (config.npmProgram?.endsWith("npm-cli.js") && existsSync(config.npmProgram)) return config.npmProgram;
  for (const folder of config.searchPath.split(delimiter).filter(Boolean)) {
    const file = join(folder, "npm");
    if (!existsSync(file)) continue;
    const script = realpathSync(file);
    if (script.endsWith("npm-cli.js")) return script;
    const beside = join(dirname(script), "../lib/node_modules/npm/bin/npm-cli.js");
    if (existsSync(beside)) return beside;
  }
  throw new Error("npm was not found on PATH: install Node.js together with npm, then start again");
}

export interface NpmCiOptions {
  /** Called for each package that came from the registry or npm's cache. */
  onPackage?: () => void;
  npm?: string;
  config?: ImageConfig;
}

/** `npm ci` in `dir` under this very Node; rejects with npm's first lines of complaint. */
export function npmCi(dir: string, options: NpmCiOptions = {}): Promise<void> {
  const config = options.config ?? imageConfig();
  const npm = options.npm ?? findNpm(config);
  const quiet = ["--no-audit", "--no-fund", "--loglevel=http"];
  // npm's own retries would take minutes to report an unreachable registry.
  const patience = ["--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=8000"];
  const args = ["ci", "--prefix", dir, "--ignore-scripts", "--omit=dev", ...quiet, ...patience];
  const env = { ...config.environment, PATH: `${dirname(process.execPath)}${delimiter}${config.searchPath}` };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [npm, ...args], { cwd: dir, env, stdio: ["ignore", "ignore", "pipe"] });
    const complaints: string[] = [];
    createInterface(child.stderr).on("line", (line) => {
      if (line.startsWith("npm http fetch")) options.onPackage?.();
      const complaint = /^npm (?:error|ERR!) (\S.*)/.exec(line)?.[1];
      if (complaint) complaints.push(complaint);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(complaints.slice(0, 4).join("; ") || `npm ci ended with ${signal ?? `code ${code}`}`));
    });
  });
}

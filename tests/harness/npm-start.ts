import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "#cluster/local/config.ts";
import { REPOSITORY } from "#cluster/local/repository.ts";
import { until } from "./until.ts";

export interface Started {
  pid: number;
  edgeUrl: string;
  /** Its output on standard output. */
  operatorKey: string;
  botToken: string;
  close(): Promise<void>;
}

/** What `npm start` runs, as a process of its own, with these settings and a data folder that ends with it. */
export async function npmStart(settings: Record<string, string>): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-start-"));
  const child = spawn(process.execPath, ["cluster/local/start.ts"], {
    cwd: REPOSITORY,
    env: { ...childEnvironment(), DATA_DIR: folder, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  const told = (pattern: RegExp): string => pattern.exec(said)?.[1] ?? "";
  await until("npm start's welcome", () => said.includes("Ctrl-C stops") || child.exitCode !== null, 180_000);
  if (child.exitCode !== null) throw new Error(`npm start has ended:\n${said}`);
  return {
    pid: child.pid ?? 0,
    edgeUrl: told(/is running: (\S+)/),
    operatorKey: told(/(oc_ops_\S+)/),
    botToken: told(/bot token +(\S+)/),
    close: () => end(child, folder),
  };
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const ended = once(child, "exit");
  if (child.exitCode === null && child.kill("SIGTERM")) await ended;
  await rm(folder, { recursive: true, force: true });
}

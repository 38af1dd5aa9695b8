import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ClusterStack } from "./cluster.ts";

const MAIN = fileURLToPath(import.meta.resolve("#fleet-agent/main.ts"));

export interface Ended {
  code: number | null;
  /** Standard output. */
  out: string;
  /** Standard error. */
  err: string;
}

export interface Running {
  child: ChildProcess;
  /** What it has written so far. */
  output: { out: string; err: string };
  ended: Promise<Ended>;
}

/** Starts `fleet-agent` as a process of its own, in an environment that holds nothing but PATH and what is given. */
export function startCommand(args: readonly string[], env: Record<string, string> = {}, input?: string): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH ?? "", ...env } });
  const output = { out: "", err: "" };
  child.stdout.on("data", (text) => {
    output.out += text;
  });
  child.stderr.on("data", (text) => {
    output.err += text;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, ...output }));
  });
  return { child, output, ended };
}

/** What an operator has set: the edge, the cluster as its administrator, and the settings of the cluster's agent. */
export function operatorEnvironment({ agentEnv, stack }: ClusterStack): Record<string, string> {
  const { AGENT_INSTANCE: _, DRIVER: __, ...settings } = agentEnv;
  const { url, secrets } = stack;
  return { ...settings, KUBECONFIG: process.env.KUBECONFIG ?? "", EDGE_URL: url, OPERATOR_KEY: secrets.operatorKey };
}

/** Runs `fleet-agent` to its end. */
export const runCommand = (args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<Ended> =>
  startCommand(args, env, input).ended;

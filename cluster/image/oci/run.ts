import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program and returns its output; its stderr is in the error. */
export async function run(command: string, args: string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") throw new Error(`${command} is not installed`, { cause: error });
    throw new Error(`${command} ${args[0] ?? ""} failed: ${(stderr ?? "").trim().split("\n").slice(-3).join(" | ")}`, {
      cause: error,
    });
  }
}

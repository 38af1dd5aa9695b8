import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { endWithUs } from "#cluster/system/lifeline.ts";
import { childEnvironment } from "./config.ts";
import { REPOSITORY } from "./repository.ts";

/** Runs a tool of node_modules to its end. @throws Error that says what could not be built, and what the tool said */
export async function runTool(
  what: string,
  [tool = "", ...args]: string[],
  env: Record<string, string | undefined>,
): Promise<void> {
  const options = { cwd: REPOSITORY, env: { ...childEnvironment(), ...env } };
  const running = promisify(execFile)(join(REPOSITORY, "node_modules/.bin", tool), args, options);
  endWithUs(running.child);
  await running.catch((cause) => {
    throw new Error(`${what} can't be built:\n${cause.stderr || cause.stdout || cause.message}`, { cause });
  });
}

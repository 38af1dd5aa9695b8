import { CommanderError } from "commander";
import { ZodError } from "zod";
import { EdgeError, Unreachable } from "#cluster/system/call-edge.ts";
import { ConfigError } from "../../config/config.ts";
import { KubeError } from "../../drivers/kube/kube-error.ts";
import { edgeWords } from "../operator/edge-words.ts";
import { refusedKey } from "../operator/operator-settings.ts";
import { CommandError, EXIT, type ExitCode } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/** One command from its arguments to its exit code. Whatever goes wrong is told in words; nothing is thrown. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    await createProgram(terminal).parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    const { code, words } = judge(error, terminal);
    if (words) terminal.tell(words);
    return code;
  }
}

function judge(error: unknown, { interrupt, env }: Terminal): { code: ExitCode; words: string } {
  // Commander has told its own errors, and the help that was asked for is none.
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.ok : EXIT.usage, words: "" };
  if (error instanceof CommandError) return { code: error.exitCode, words: error.message };
  if (interrupt.aborted) return { code: EXIT.interrupted, words: "Interrupted." };
  if (error instanceof ConfigError) return { code: EXIT.usage, words: error.message };
  if (error instanceof EdgeError) return { code: codeOf(error), words: wordsOf(error, env) };
  if (error instanceof Unreachable) return { code: EXIT.unreachable, words: error.message };
  if (error instanceof KubeError) return { code: codeOf(error), words: `The cluster's API server: ${error.message}` };
  if (error instanceof ZodError) {
    return { code: EXIT.failed, words: "The edge's answer is not one that this version of fleet-agent understands." };
  }
  return { code: EXIT.failed, words: `fleet-agent: ${messageOf(error)}` };
}

/** What a request without a key should have sent is no help to someone whose key is wrong. */
const wordsOf = (error: EdgeError, env: Terminal["env"]): string =>
  error.problem?.code === "unauthorized" ? refusedKey(env) : edgeWords(error);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function codeOf({ status }: { status: number }): ExitCode {
  if (status === 404) return EXIT.notFound;
  if (status === 400) return EXIT.usage;
  if (status === 408 || status === 429 || status >= 500) return EXIT.unreachable;
  return EXIT.refused;
}

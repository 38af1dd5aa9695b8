import { join } from "node:path";
import type * as z from "zod";
import { readIfThere } from "#cluster/system/atomic-file.ts";
import { messageOf } from "./log.ts";
import { parseInput } from "./parse-input.ts";
import { type WatchOptions, watchFolder } from "./watch-folder.ts";

export interface FollowedInput {
  /** The newest content's problem, or null. */
  problem(): string | null;
  close(): void;
}

export interface InputListener<T> {
  /**
   * Called with each new valid content, the first one at once, and with null when the file is gone. When it throws, it is
   * called again at the next look.
   */
  onChange: (content: T | null) => void;
  /** Called once for each new problem; the previous content stays in effect. */
  onProblem: (problem: string) => void;
}

/** Follows one JSON file of the mounted folder. */
export function followInput<T>(
  dir: string,
  file: string,
  contract: z.ZodType<T>,
  listener: InputListener<T>,
  options?: WatchOptions,
): FollowedInput {
  let seen: string | null = null;
  let problem: string | null = null;
  const tell = (next: string | null) => {
    if (next !== null && next !== problem) listener.onProblem(next);
    problem = next;
  };
  const look = () => {
    try {
      const json = readIfThere(join(dir, file));
      if (json === seen) return;
      const parsed = json === null ? { ok: true as const, value: null } : parseInput(file, contract, json);
      if (parsed.ok) listener.onChange(parsed.value);
      tell(parsed.ok ? null : parsed.problem);
      seen = json;
    } catch (error) {
      tell(`${file} can't be applied: ${messageOf(error)}`);
    }
  };
  look();
  const watcher = watchFolder(dir, look, options);
  return { problem: () => problem, close: () => watcher.close() };
}

import type { Failing } from "./trouble.ts";

/** How a gateway's process ended. */
export interface End {
  exitCode: number | null;
  /** The same in words: `exited with 1`, `ended by SIGKILL`. */
  how: string;
  /** Its last lines. They may quote anything, so they are never passed on. */
  lastWords: readonly string[];
  volumeIsFull: boolean;
}

/** OpenClaw's exit code for a configuration or a state that it can't start with. */
const EX_CONFIG = 78;

const FULL = /ENOSPC|no space left on device|database or disk is full/i;
const DAMAGED = /file is not a database|database disk image is malformed/i;
const NO_MEMORY = /JavaScript heap out of memory/;

/** Why the gateway ended, by what OpenClaw 2026.9 says and by its exit code, which is the same for several causes. Pure. */
export function whyEnded({ exitCode, how, lastWords, volumeIsFull }: End): Failing {
  const said = lastWords.join("\n");
  // On a full volume SQLite says "database is not open" as well.
  if (volumeIsFull || FULL.test(said)) return { code: "volume_full", words: "its volume is full" };
  const damage = DAMAGED.exec(said);
  if (damage) return { code: "state_damaged", words: `a database of its memory is damaged (${damage[0]})` };
  if (NO_MEMORY.test(said) || how.includes("SIGKILL") || exitCode === 137)
    return { code: "out_of_memory", words: "it ran out of memory" };
  if (exitCode === EX_CONFIG) return { code: "config_refused", words: "it refused its configuration" };
  return { code: "crash_loop", words: how };
}

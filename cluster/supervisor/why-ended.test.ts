import { expect, test } from "vitest";
import { type End, whyEnded } from "./why-ended.ts";

const end = (changes: Partial<End>): End => ({
  exitCode: 1,
  how: "exited with 1",
  lastWords: [],
  volumeIsFull: false,
  ...changes,
});
const SAID =
  "Gateway failed to start: Doctor cannot repair this state: shared state database is unreadable at /state/canary/openclaw.sqlite: ";

/** The lines are OpenClaw 2026.9.6's. */
test.each<[string, Partial<End>, { code: string; words: string }]>([
  [
    "a configuration that it refuses",
    { exitCode: 78, lastWords: ["Invalid config at /state/canary"] },
    { code: "config_refused", words: "it refused its configuration" },
  ],
  [
    "a state file that is something else, with the same exit code",
    { exitCode: 78, lastWords: [`${SAID}file is not a database. Stop OpenClaw processes, then`] },
    { code: "state_damaged", words: "a database of its memory is damaged (file is not a database)" },
  ],
  [
    "a state file with damaged pages",
    {
      exitCode: 78,
      lastWords: [`${SAID}database disk image is malformed. Stop`, "[gateway] requires state migration."],
    },
    { code: "state_damaged", words: "a database of its memory is damaged (database disk image is malformed)" },
  ],
  [
    "a full volume, on which SQLite says something else",
    { exitCode: 78, lastWords: ["database is not open"], volumeIsFull: true },
    { code: "volume_full", words: "its volume is full" },
  ],
  [
    "a write that found no space",
    { lastWords: ["Error: ENOSPC: no space left on device, write"] },
    { code: "volume_full", words: "its volume is full" },
  ],
  [
    "the kernel's kill",
    { exitCode: null, how: "ended by SIGKILL" },
    { code: "out_of_memory", words: "it ran out of memory" },
  ],
  [
    "V8's own limit",
    { exitCode: 134, lastWords: ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"] },
    { code: "out_of_memory", words: "it ran out of memory" },
  ],
  ["anything else", { lastWords: ["TypeError: canary"] }, { code: "crash_loop", words: "exited with 1" }],
])("%s", (_name, changes, expected) => {
  const why = whyEnded(end(changes));
  expect(why).toEqual(expected);
  expect(why.words).not.toContain("canary");
});

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { writeAtomically } from "#cluster/system/atomic-file.ts";
import { turnOver } from "#cluster/system/turn-over.ts";
import { CONFIG_FILE } from "#schema/contracts/box-config.ts";
import { ORDER_FILE } from "#schema/contracts/state-transfer.ts";
import { DESIRED_STATUSES } from "#schema/domain/states.ts";
import { TIER_IDS } from "#schema/domain/tiers.ts";

/** What must survive the agent: enough to start the box again and to refuse an older holder of its job. */
export const Remembered = z.object({
  fence: z.int(),
  status: z.enum(DESIRED_STATUSES),
  tier: z.enum(TIER_IDS),
  restart_token: z.string(),
});
export type Remembered = z.infer<typeof Remembered>;

export interface BoxFolder {
  readonly boxId: string;
  /** The supervisor's BOX_CONFIG_DIR and STATE_DIR. */
  readonly configDir: string;
  readonly stateDir: string;
  /** What only this program writes, box.json first. */
  readonly owned: readonly string[];
  readonly pidFile: string;
  /** The log of the box's process. Kept across restarts, with one old file beside it. */
  readonly logFile: string;
  /** Where the box's process writes why it gave up. */
  readonly terminationLog: string;
  create(): void;
  writeConfig(text: string): void;
  /** The backup or restore order; null for none. */
  writeOrder(text: string | null): void;
  remember(what: Remembered): void;
  remembered(): Remembered | undefined;
  /** Whether the box has been here, and what should become of it can't be read. */
  isUnknown(): boolean;
  /** Keeps the log small; also while its process writes. */
  turnLogOver(): void;
  remove(): void;
}

const LOG_BYTES = 10 * 1024 * 1024;

/** `<root>/<box id>`: the namespace of a local box. */
export function boxFolder(root: string, boxId: string): BoxFolder {
  const dir = join(root, boxId);
  const memory = join(dir, "desired.json");
  const configDir = join(dir, "config");
  const stateDir = join(dir, "state");
  const logFile = join(dir, "gateway.log");
  return {
    boxId,
    configDir,
    stateDir,
    owned: [join(configDir, CONFIG_FILE), join(configDir, ORDER_FILE), memory],
    logFile,
    terminationLog: join(dir, "termination.log"),
    pidFile: join(dir, "pid.json"),
    create: () => {
      for (const path of [dir, configDir, stateDir]) mkdirSync(path, { recursive: true, mode: 0o700 });
    },
    writeConfig: (text) => writeAtomically(join(configDir, CONFIG_FILE), text),
    writeOrder: (text) => {
      const file = join(configDir, ORDER_FILE);
      if (text === null) rmSync(file, { force: true });
      else writeAtomically(file, text);
    },
    remember: (what) => writeAtomically(memory, JSON.stringify(what)),
    remembered: () => readRemembered(memory),
    isUnknown: () => existsSync(join(configDir, CONFIG_FILE)) && readRemembered(memory) === undefined,
    turnLogOver: () => turnOver(logFile, LOG_BYTES),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Every box that has a folder below `root`. */
export function boxFolders(root: string): BoxFolder[] {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const names = readdirSync(root).filter((name) => z.uuid().safeParse(name).success);
  return names.map((name) => boxFolder(root, name));
}

function readRemembered(file: string): Remembered | undefined {
  try {
    return Remembered.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

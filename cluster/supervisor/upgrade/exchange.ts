/**
 * The exchanges of state as steps: each may be cut off, and all of them done again from what is there lead to the same end.
 */
import {
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { paths } from "../config.ts";
import { copyOf, keptFolder, leftFolder, memoryOf, type StateRecord, writeRecord } from "./state-record.ts";

export type Step = () => void;

/** Copies kept: two upgrades back, each as large as the state was. */
const MOST_COPIES = 2;
/** Room that must be left on the volume, in bytes. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** Copies the state, and only then writes the record that lets the newer version use it. */
export function keepSteps(stateDir: string, record: StateRecord, version: string): Step[] {
  const state = paths(stateDir).openclawState;
  const unfinished = `${copyOf(stateDir, record.version)}.unfinished`;
  const kept = { ...newest(record.kept, MOST_COPIES - 1, record.version), [record.version]: memoryOf(stateDir) };
  return [
    () => {
      // An upgrade after a rollback does not need the last copy.
      remove(leftFolder(stateDir));
      remove(unfinished);
      for (const copy of Object.keys(record.kept)) if (!(copy in kept)) remove(copyOf(stateDir, copy));
      mkdirSync(keptFolder(stateDir), { recursive: true, mode: 0o700 });
    },
    () => refuseWithoutRoom(stateDir, state),
    () =>
      cpSync(state, unfinished, {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
        mode: constants.COPYFILE_FICLONE,
        filter: (path) => !path.endsWith(".log"),
      }),
    () => remove(copyOf(stateDir, record.version)),
    () => renameSync(unfinished, copyOf(stateDir, record.version)),
    () => writeRecord(stateDir, { version, kept }),
  ];
}

/** Moves the state aside, never deletes it, before the copy takes its place. The record tracks the step. */
export function goBackSteps(stateDir: string, record: StateRecord, goingBack: { to: string; copy: string }): Step[] {
  const state = paths(stateDir).openclawState;
  const [copy, left] = [copyOf(stateDir, goingBack.copy), leftFolder(stateDir)];
  const { [goingBack.copy]: _, ...others } = record.kept;
  const announced = record.goingBack !== undefined;
  return [
    () => {
      if (!announced) remove(left);
    },
    () => writeRecord(stateDir, { ...record, goingBack }),
    () => {
      if (!existsSync(copy)) return;
      // If the state is aside already, an interrupted start made what is in its place.
      if (existsSync(left)) remove(state);
      else if (existsSync(state)) renameSync(state, left);
    },
    () => {
      if (existsSync(copy)) renameSync(copy, state);
    },
    () => writeRecord(stateDir, { version: goingBack.to, kept: others }),
  ];
}

function newest(kept: StateRecord["kept"], most: number, except: string): StateRecord["kept"] {
  const others = Object.entries(kept).filter(([version]) => version !== except);
  return Object.fromEntries(others.slice(Math.max(0, others.length - most)));
}

function refuseWithoutRoom(stateDir: string, state: string): void {
  const { bavail, bsize } = statfsSync(stateDir);
  const needed = sizeOf(state) + SPARE_BYTES;
  if (bavail * bsize >= needed) return;
  throw new Error(`its volume has no room for the copy that an upgrade needs (${Math.ceil(needed / 1_048_576)} MiB)`);
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true });

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import { paths } from "../config.ts";

/** The record of the state on the volume. */
export interface StateRecord {
  /** The OpenClaw that wrote it last, or was about to. */
  version: string;
  /** Copies of the state by the version that wrote them, with the memory that they are of. */
  kept: Record<string, string | null>;
  /** Set while a copy replaces the state, for this older version. */
  goingBack?: { to: string; copy: string };
}

/** The folder of the copies and their record. Not in backups: they belong to this volume's state. */
export const keptFolder = (stateDir: string): string => join(stateDir, "kept");
export const copyOf = (stateDir: string, version: string): string => join(keptFolder(stateDir), version);
/** A newer OpenClaw's state, set aside at a rollback. Only for a person to read. */
export const leftFolder = (stateDir: string): string => join(keptFolder(stateDir), "left");
const recordFile = (stateDir: string): string => join(stateDir, "config", "state.json");

/** Null in a new box, or if the file is damaged. */
export function readRecord(stateDir: string): StateRecord | null {
  const text = readIfThere(recordFile(stateDir));
  if (text === null) return null;
  try {
    const { version, kept = {}, goingBack } = JSON.parse(text) as Partial<StateRecord>;
    return typeof version === "string" ? { version, kept, ...(goingBack && { goingBack }) } : null;
  } catch {
    return null;
  }
}

export const writeRecord = (stateDir: string, record: StateRecord): void =>
  writeAtomically(recordFile(stateDir), JSON.stringify(record));

/** Identifies the memory: a new one after each restore. Null: the box's first. */
export const memoryOf = (stateDir: string): string | null => readIfThere(join(stateDir, "config", "restored.json"));

/** Whether an OpenClaw has run here. */
export function hasState(stateDir: string): boolean {
  const folder = paths(stateDir).openclawState;
  return existsSync(folder) && readdirSync(folder).length > 0;
}

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import { paths } from "../config.ts";

/** What is known of the state on the volume, beside it. */
export interface StateRecord {
  /** The OpenClaw that wrote it last, or was about to. */
  version: string;
  /** Copies of the state from before newer versions, by the version that wrote them: which memory they are of. */
  kept: Record<string, string | null>;
  /** Set while a copy is being put in the state's place, for this older version. */
  goingBack?: { to: string; copy: string };
}

/** Where the copies and what is known of them are. No backup takes them along: they belong to this volume's state. */
export const keptFolder = (stateDir: string): string => join(stateDir, "kept");
export const copyOf = (stateDir: string, version: string): string => join(keptFolder(stateDir), version);
/** What a newer OpenClaw remembered, set aside when an older one took over. Nothing reads it but a person. */
export const leftFolder = (stateDir: string): string => join(keptFolder(stateDir), "left");
const recordFile = (stateDir: string): string => join(stateDir, "config", "state.json");

/** Null in a new box, and where the file is damaged: then nothing is known. */
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

/** Which memory this is: another one after each time that a backup was put back. Null: the box's first. */
export const memoryOf = (stateDir: string): string | null => readIfThere(join(stateDir, "config", "restored.json"));

/** An OpenClaw has been here. */
export function hasState(stateDir: string): boolean {
  const folder = paths(stateDir).openclawState;
  return existsSync(folder) && readdirSync(folder).length > 0;
}

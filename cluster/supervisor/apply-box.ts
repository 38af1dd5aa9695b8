import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import { type OwnedFile, putRight } from "#cluster/system/guard/owned-file.ts";
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { paths } from "./config.ts";
import { ownedFiles } from "./guard/owned-files.ts";
import { type RenderOptions, renderOpenClawConfig } from "./openclaw-config.ts";
import { planWorkspaceFile, renderWorkspaceFiles, type WorkspaceFile } from "./workspace-files.ts";

/**
 * Brings the files below `stateDir` to what the box wants, and gives those that are ours: OpenClaw's configuration last, so
 * that a turn that already runs with the new settings also reads the new instructions. Files that would not change are
 * not touched.
 */
export function applyBox(
  box: BoxConfig,
  stateDir: string,
  options: Omit<RenderOptions, "workspace" | "logFile">,
): OwnedFile[] {
  const where = paths(stateDir);
  for (const dir of [where.workspace, where.openclawState, where.home])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  const workspace = renderWorkspaceFiles(box);
  seed(workspace, where);
  const config = renderOpenClawConfig(box, { ...options, workspace: where.workspace, logFile: where.log });
  const owned = ownedFiles(where, `${JSON.stringify(config, null, 2)}\n`, workspace);
  for (const file of owned.toReversed()) putRight(file);
  return owned;
}

/** The files that are the agent's from the first start on. */
function seed(files: readonly WorkspaceFile[], where: ReturnType<typeof paths>): void {
  const seeded = new Set(readSeeded(where.written));
  for (const file of files) {
    if (file.section !== null) continue;
    const path = join(where.workspace, file.name);
    const current = readIfThere(path);
    const content = planWorkspaceFile(file, current, seeded.has(file.name));
    if (content !== null && content !== current) writeAtomically(path, content);
    seeded.add(file.name);
  }
  const record = JSON.stringify(Object.fromEntries([...seeded].map((name) => [name, true])));
  if (readIfThere(where.written) !== record) writeAtomically(where.written, record);
}

/** Empty if it was lost or damaged: then files that are gone are seeded once more. */
function readSeeded(file: string): string[] {
  try {
    return Object.keys(JSON.parse(readIfThere(file) ?? "{}") as object);
  } catch {
    return [];
  }
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { paths } from "./config.ts";
import { type RenderOptions, renderOpenClawConfig } from "./openclaw-config.ts";
import { hashOf, planWorkspaceFile, renderWorkspaceFiles } from "./workspace-files.ts";

/**
 * Brings the files below `stateDir` to what the box wants: the workspace first, so that a turn that already runs with
 * the new settings also reads the new instructions. Files that would not change are not touched.
 */
export function applyBox(
  box: BoxConfig,
  stateDir: string,
  options: Omit<RenderOptions, "workspace" | "logFile">,
): void {
  const where = paths(stateDir);
  for (const dir of [where.workspace, where.openclawState, where.home])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  applyWorkspace(box, where);
  const config = renderOpenClawConfig(box, { ...options, workspace: where.workspace, logFile: where.log });
  writeIfChanged(where.config, `${JSON.stringify(config, null, 2)}\n`);
}

function applyWorkspace(box: BoxConfig, where: ReturnType<typeof paths>): void {
  const written = readWritten(where.written);
  for (const file of renderWorkspaceFiles(box)) {
    const path = join(where.workspace, file.name);
    const content = planWorkspaceFile(file, readIfThere(path), written[file.name]);
    if (content !== null) writeAtomically(path, content);
    written[file.name] = hashOf(file);
  }
  writeIfChanged(where.written, JSON.stringify(written));
}

/** Hashes by file name; empty if it was lost or damaged, which only rewrites a section once. */
function readWritten(file: string): Record<string, string> {
  try {
    return JSON.parse(readIfThere(file) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

function writeIfChanged(file: string, content: string): void {
  if (readIfThere(file) !== content) writeAtomically(file, content);
}

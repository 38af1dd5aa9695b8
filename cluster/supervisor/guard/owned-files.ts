import { dirname, join } from "node:path";
import type { OwnedFile } from "#cluster/system/guard/owned-file.ts";
import type { paths } from "../config.ts";
import { planWorkspaceFile, type WorkspaceFile } from "../workspace-files.ts";

/** The name of OpenClaw's configuration. */
export const CONFIGURATION = "openclaw.json";

/** The content of OpenClaw's configuration among them. */
export const configurationOf = (owned: readonly OwnedFile[]): string =>
  owned.find(({ name }) => name === CONFIGURATION)?.wanted(null) ?? "";

type Places = ReturnType<typeof paths>;

/**
 * Everything that says who may talk to the agent, with which model and tools, and by which orders: OpenClaw's
 * configuration, the owner's section of AGENTS.md, and the `.env` files from which OpenClaw takes more settings at its start.
 */
export function ownedFiles(where: Places, config: string, workspace: readonly WorkspaceFile[]): OwnedFile[] {
  const sections = workspace.filter(({ section }) => section !== null);
  return [
    { name: CONFIGURATION, path: where.config, wanted: () => config },
    ...[dirname(where.config), where.openclawState].map((dir) => ({
      name: ".env",
      path: join(dir, ".env"),
      wanted: () => null,
    })),
    ...sections.map((file) => ({
      name: file.name,
      path: join(where.workspace, file.name),
      wanted: (current: string | null) => planWorkspaceFile(file, current, true),
      shared: true,
    })),
  ];
}

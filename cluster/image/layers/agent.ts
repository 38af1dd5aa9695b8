/** The layers of the agent's image above the base and Node: the packages it needs, and the program itself. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LayerPlan } from "../oci/layer.ts";
import { type Lock, lockedPackages } from "./locked-packages.ts";
import { type ProgramFiles, programFiles } from "./program-files.ts";

export const AGENT_DIR = "opt/fleet-agent";
const ENTRY = "fleet-agent/main.ts";
/** The entry as it is called in the image. */
export const AGENT_MAIN = `/${AGENT_DIR}/fleet-agent/main.js`;

/** Read by people and tools for authors; nothing loads them. */
const UNUSED_FILES = ["*.map", "*.ts", "*.mts", "*.cts", "*.md", "*/test", "*/tests", "*/@types"];

/** `root` is the repository, with its packages installed. */
export function agentLayers(root: string): LayerPlan[] {
  const files = programFiles(root, ENTRY);
  return [packagesLayer(root, files.packages), programLayer(root, files)];
}

function packagesLayer(root: string, packages: ReadonlySet<string>): LayerPlan {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  const names = lockedPackages(lock, packages);
  const missing = names.find((name) => !existsSync(join(root, name)));
  if (missing) throw new Error(`${missing} is not installed: run npm ci, then build the image again`);
  return {
    name: "agent-packages",
    key: JSON.stringify([outermost(names), names.map((name) => [name, lock.packages[name]]), UNUSED_FILES]),
    make: async () => ({ dir: root, prefix: AGENT_DIR, names: outermost(names), exclude: UNUSED_FILES }),
  };
}

/** A package's own copies lie in its folder: packed twice, the archive would hold a link from each file to itself. */
const outermost = (names: readonly string[]): string[] =>
  names.filter((name) => !names.some((other) => name.startsWith(`${other}/`)));

function programLayer(root: string, { modules }: ProgramFiles): LayerPlan {
  const { imports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { imports: object };
  const files = new Map([...modules, ["package.json", `${JSON.stringify({ type: "module", imports })}\n`]]);
  const hash = createHash("sha256");
  for (const [path, text] of [...files].sort()) hash.update(`${path}\n${text}\n`);
  return {
    name: "agent",
    key: hash.digest("hex"),
    async make(scratch) {
      for (const [path, text] of files) {
        mkdirSync(dirname(join(scratch, path)), { recursive: true });
        writeFileSync(join(scratch, path), text);
      }
      return { dir: scratch, prefix: AGENT_DIR };
    },
  };
}

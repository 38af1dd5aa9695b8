/** The layers of Node and OpenClaw, above the base. */
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { LayerPlan } from "../oci/layer.ts";

export const OPENCLAW_DIR = "opt/openclaw";

/** The Node that runs this build: it comes from the lock file, and it is the version that OpenClaw is pinned for. */
export function nodeLayer(): LayerPlan {
  const program = realpathSync(process.execPath);
  const hash = createHash("sha256").update(readFileSync(program)).digest("hex");
  return {
    name: "node",
    key: hash,
    make: async () => ({ dir: dirname(program), prefix: "usr/local/bin", names: [basename(program)] }),
  };
}

/** Files for development only, which nothing loads. */
const UNUSED_FILES = ["*.map", "*.d.ts", "*.d.mts", "*.d.cts"];

/** Native parts for other platforms. */
const OTHER_SYSTEMS = ["*/prebuilds/win32-*", "*/prebuilds/darwin-*"];

/** `installed` is a folder of fetchOpenClaw; its name carries the version and the lock file's hash. */
export function openClawLayer(installed: string): LayerPlan {
  const exclude = [...UNUSED_FILES, ...OTHER_SYSTEMS];
  return {
    name: "openclaw",
    key: JSON.stringify([basename(installed), exclude]),
    make: async () => ({ dir: installed, prefix: OPENCLAW_DIR, names: ["node_modules"], exclude }),
  };
}

/** The layers above the base: Node, OpenClaw, our supervisor. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { LayerPlan } from "../oci/layer.ts";

export const OPENCLAW_DIR = "opt/openclaw";
export const SUPERVISOR_DIR = "opt/supervisor";

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

/** Read by tools for people who write code against a package; nothing loads them. */
const UNUSED_FILES = ["*.map", "*.d.ts", "*.d.mts", "*.d.cts"];

/** Native parts for other systems than the image's. */
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

export function supervisorLayer(): LayerPlan {
  const dir = join(import.meta.dirname, "../../supervisor");
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const names = files.filter((name) => name.endsWith(".ts") && !/\.test\.ts$|(^|\/)testing\//.test(name));
  const hash = createHash("sha256");
  for (const name of names.sort()) hash.update(`${name}\n`).update(readFileSync(join(dir, name)));
  return {
    name: "supervisor",
    key: hash.digest("hex"),
    async make(scratch) {
      for (const name of names) {
        mkdirSync(dirname(join(scratch, name)), { recursive: true });
        copyFileSync(join(dir, name), join(scratch, name));
      }
      writeFileSync(join(scratch, "package.json"), '{ "type": "module" }\n');
      return { dir: scratch, prefix: SUPERVISOR_DIR };
    },
  };
}

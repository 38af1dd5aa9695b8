/** The layers above the base: Node, OpenClaw, our supervisor. */
import { createHash } from "node:crypto";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { LayerPlan } from "../oci/layer.ts";

export const OPENCLAW_DIR = "opt/openclaw";
const SUPERVISOR_DIR = "opt/supervisor";
export const SUPERVISOR_MAIN = `${SUPERVISOR_DIR}/main.js`;

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

/**
 * The supervisor as one JavaScript file, with what it needs of the contracts and of zod: the image has neither, and Node
 * needs no compiler to run it, whose 30 MiB every box would pay. On a developer's machine its sources run as they are.
 */
export function supervisorLayer(): LayerPlan {
  const bundle = bundleSupervisor();
  return {
    name: "supervisor",
    key: createHash("sha256").update(bundle).digest("hex"),
    async make(scratch) {
      writeFileSync(join(scratch, "main.js"), bundle);
      writeFileSync(join(scratch, "package.json"), '{ "type": "module" }\n');
      return { dir: scratch, prefix: SUPERVISOR_DIR };
    },
  };
}

function bundleSupervisor(): Uint8Array {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(import.meta.resolve("#cluster/supervisor/main.ts"))],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: `node${process.versions.node}`,
    // Names stay: a stack trace can be read.
    minifySyntax: true,
    minifyWhitespace: true,
  });
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles;
  return contents;
}

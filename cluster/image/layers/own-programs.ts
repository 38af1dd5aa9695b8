/** The layers of our own programs: the supervisor and the fleet-agent, bundled with their imports. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import type { LayerPlan } from "../oci/layer.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../..");

const SUPERVISOR_DIR = "opt/supervisor";
const AGENT_DIR = "opt/fleet-agent";
/** The programs as they are called in their images. */
export const SUPERVISOR_MAIN = `/${SUPERVISOR_DIR}/main.js`;
export const AGENT_MAIN = `/${AGENT_DIR}/main.js`;

export const supervisorLayer = (): LayerPlan =>
  programLayer("supervisor", "cluster/supervisor/main.ts", SUPERVISOR_DIR);
export const agentLayer = (): LayerPlan => programLayer("agent", "fleet-agent/main.ts", AGENT_DIR);

function programLayer(name: string, entry: string, prefix: string): LayerPlan {
  const files = [...bundle(entry), { name: "package.json", content: '{ "type": "module" }\n' }];
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.name}\n`).update(file.content);
  return {
    name,
    key: hash.digest("hex"),
    async make(scratch) {
      for (const file of files) writeFileSync(join(scratch, file.name), file.content);
      return { dir: scratch, prefix };
    },
  };
}

/** CommonJS packages load Node's own modules by `require`. */
const REQUIRE = 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);';

/**
 * Node needs neither a compiler nor hundreds of files to run a bundle: a fifth of a second and 20 to 30 MiB less. What is
 * imported later stays a file of its own. On a developer's machine the sources run as they are.
 */
function bundle(entry: string): { name: string; content: Uint8Array }[] {
  const { outputFiles } = buildSync({
    absWorkingDir: REPOSITORY,
    entryPoints: [entry],
    outdir: REPOSITORY,
    write: false,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: `node${process.versions.node}`,
    banner: { js: REQUIRE },
    // Keep names, for readable stack traces.
    minifySyntax: true,
    minifyWhitespace: true,
  });
  return outputFiles.map(({ path, contents }) => ({ name: path.slice(REPOSITORY.length + 1), content: contents }));
}

/**
 * Builds the image that every box runs, or with `--agent` the fleet-agent's, without Docker:
 * `node cluster/image/build.ts [--agent] --out FILE.tar [--tag NAME:TAG]`.
 * Layers are kept by content under ~/.cache/openclaw-cloud/image-layers, so a second build takes seconds.
 */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { imageConfig } from "./config.ts";
import { COMPILE_CACHE_DIR, canBake, compileCacheLayer, USER_ID } from "./layers/compile-cache.ts";
import { BOX_BASE, debianLayer, NODE_BASE } from "./layers/debian.ts";
import { AGENT_MAIN, agentLayer, SUPERVISOR_MAIN, supervisorLayer } from "./layers/own-programs.ts";
import { nodeLayer, OPENCLAW_DIR, openClawLayer } from "./layers/programs.ts";
import { describeImage, type RunConfig, writeImage } from "./oci/image.ts";
import { buildLayer, type Layer, type LayerPlan } from "./oci/layer.ts";
import { fetchOpenClaw } from "./openclaw/fetch.ts";
import { readPin } from "./openclaw/pin.ts";

export interface BuildOptions {
  /** Which program's image. */
  program: keyof typeof PROGRAMS;
  /** The tar to write. */
  out: string;
  /** The image's name and tag. */
  tag?: string;
  cacheDir?: string;
  onProgress?: (line: string) => void;
}

export interface BuiltImage {
  reference: string;
  digest: string;
  bytes: number;
  seconds: number;
}

type Add = (plan: LayerPlan) => Promise<Layer>;
interface Making {
  cacheDir: string;
  onProgress: (line: string) => void;
  add: Add;
}

const PROGRAMS = {
  gateway: { layers: gatewayLayers, run: runGateway },
  "fleet-agent": { layers: fleetAgentLayers, run: runFleetAgent },
};

export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const startedAt = Date.now();
  const { onProgress = () => {}, cacheDir = imageConfig().cacheDir, program } = options;
  const tag = options.tag ?? `localhost/openclaw-cloud/${program}:dev`;
  const layerCache = join(cacheDir, "image-layers");
  const add: Add = async (plan) => {
    const layer = await buildLayer(plan, layerCache);
    onProgress(`${layer.name}: ${megabytes(layer.size)}${layer.cached ? ", from the cache" : ""}`);
    return layer;
  };
  const layers = await PROGRAMS[program].layers({ cacheDir, onProgress, add });
  const image = describeImage(layers, PROGRAMS[program].run(), tag, process.arch === "arm64" ? "arm64" : "amd64");
  await writeImage(image, layers, options.out, join(layerCache, `layout-${process.pid}`));
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  return { reference: tag, digest: image.digest, bytes: statSync(options.out).size, seconds };
}

async function gatewayLayers({ cacheDir, onProgress, add }: Making): Promise<Layer[]> {
  const layers = [
    await add(await debianLayer(join(cacheDir, "debian-packages"), BOX_BASE)),
    await add(nodeLayer()),
    await add(openClawLayer(await fetchOpenClaw({ cacheDir, onProgress }))),
    await add(supervisorLayer()),
  ];
  if (canBake()) layers.push(await add(compileCacheLayer(layers, onProgress)));
  else
    onProgress(
      "no compile cache: baking it needs root on Linux (chroot). The first start of each box is slower without.",
    );
  return layers;
}

async function fleetAgentLayers({ cacheDir, add }: Making): Promise<Layer[]> {
  return [
    await add(await debianLayer(join(cacheDir, "debian-packages"), NODE_BASE)),
    await add(nodeLayer()),
    await add(agentLayer()),
  ];
}

function runGateway(): RunConfig {
  return {
    user: `${USER_ID}:${USER_ID}`,
    env: {
      PATH: "/usr/local/bin:/usr/bin:/usr/sbin",
      LANG: "C.UTF-8",
      BOX_CONFIG_DIR: "/etc/box",
      STATE_DIR: "/data",
      OPENCLAW_DIR: `/${OPENCLAW_DIR}`,
      NODE_COMPILE_CACHE: `/${COMPILE_CACHE_DIR}`,
    },
    // tini is process 1: it reaps the processes that the agent's commands leave.
    entrypoint: ["/usr/bin/tini", "--", "/usr/local/bin/node", SUPERVISOR_MAIN],
    workingDir: "/data",
    labels: { "org.opencontainers.image.title": "openclaw-cloud gateway", "cloud.openclaw.version": readPin().version },
  };
}

/** It starts no other process, so Node itself is process 1. */
function runFleetAgent(): RunConfig {
  return {
    user: `${USER_ID}:${USER_ID}`,
    env: { PATH: "/usr/local/bin", LANG: "C.UTF-8", NODE_ENV: "production" },
    entrypoint: ["/usr/local/bin/node", AGENT_MAIN],
    workingDir: "/",
    labels: { "org.opencontainers.image.title": "openclaw-cloud fleet-agent" },
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e5) / 10} MB`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { agent: { type: "boolean", default: false }, out: { type: "string" }, tag: { type: "string" } },
  });
  try {
    if (!values.out) throw new Error("usage: node cluster/image/build.ts [--agent] --out FILE.tar [--tag NAME:TAG]");
    const out = resolve(values.out);
    const built = await buildImage({
      program: values.agent ? "fleet-agent" : "gateway",
      out,
      ...(values.tag && { tag: values.tag }),
      onProgress: (line) => console.error(line),
    });
    console.log(`${built.reference} ${built.digest} ${out} ${megabytes(built.bytes)} in ${built.seconds} s`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

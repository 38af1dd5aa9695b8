/**
 * Two images made from a gateway image, for rollouts: `node tests/harness/image-variants.ts IMAGE.tar OUT.tar`.
 *   NAME:TAG-next    the same, but its OpenClaw says that it is of a version to come
 *   NAME:TAG-broken  of that version, too, and its program ends at once
 */
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { OPENCLAW_DIR } from "#cluster/image/layers/programs.ts";
import { describeImage, type ImageFiles, type RunConfig, writeImage } from "#cluster/image/oci/image.ts";
import { buildLayer, type Layer } from "#cluster/image/oci/layer.ts";
import { run } from "#cluster/image/oci/run.ts";

/** Newer than any pin. */
export const NEXT_VERSION = "2099.1.0";
/** What the broken one ends with, where the supervisor leaves its own last words. */
export const LAST_WORDS = "this image is broken";

const MANIFEST_OF_OPENCLAW = `${OPENCLAW_DIR}/node_modules/openclaw/package.json`;
const END = `require("node:fs").writeFileSync("/dev/termination-log", "${LAST_WORDS}"); process.exit(1)`;
const BROKEN = ["/usr/local/bin/node", "-e", END];

/** An image as `npm run image` writes it, unpacked. */
interface Unpacked {
  reference: string;
  arch: "amd64" | "arm64";
  runs: RunConfig;
  layers: Layer[];
}

/** @returns the names of both images, which are in `out`. */
export async function writeVariants(image: string, out: string): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), "image-variants-"));
  try {
    await run("tar", ["-xf", resolve(image), "-C", dir]);
    const { reference, arch, runs, layers } = readImage(dir);
    const all = [...layers, await versionLayer(layers, dir)];
    const [next, broken] = [`${reference}-next`, `${reference}-broken`];
    const images = [
      describeImage(all, runs, next, arch),
      describeImage(all, { ...runs, entrypoint: BROKEN }, broken, arch),
    ];
    await writeImage({ files: inOne(images) }, all, resolve(out), join(dir, "layout"));
    return [next, broken];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function readImage(dir: string): Unpacked {
  const pathOf = (digest: string) => join(dir, "blobs/sha256", digest.replace("sha256:", ""));
  const [entry] = read<Index>(join(dir, "index.json")).manifests;
  const reference = entry?.annotations["io.containerd.image.name"];
  if (!entry || !reference) throw new Error("the image has no name: build it with `npm run image`");
  const manifest = read<{ config: Blob; layers: Blob[] }>(pathOf(entry.digest));
  const { architecture, config, rootfs, history } = read<Config>(pathOf(manifest.config.digest));
  const layers = manifest.layers.map(({ digest, size }, i) => ({
    name: history[i]?.created_by ?? "",
    file: pathOf(digest),
    digest,
    diffId: rootfs.diff_ids[i] ?? "",
    size,
  }));
  return { reference, arch: architecture, runs: runConfig(config), layers };
}

const runConfig = (config: Config["config"]): RunConfig => ({
  user: config.User,
  env: Object.fromEntries(config.Env.map((line) => line.split(/=(.*)/s, 2))),
  entrypoint: config.Entrypoint,
  workingDir: config.WorkingDir,
  labels: { ...config.Labels, "cloud.openclaw.version": NEXT_VERSION },
});

/** A layer over the others in which OpenClaw's package.json names another version; all else of it stays. */
async function versionLayer(layers: readonly Layer[], scratch: string): Promise<Layer> {
  const ours = layers.find(({ name }) => name === "openclaw");
  if (!ours) throw new Error("the image has no layer of OpenClaw: it is no gateway image");
  const manifest = { ...JSON.parse(await fileIn(ours, MANIFEST_OF_OPENCLAW, scratch)), version: NEXT_VERSION };
  const make = async (dir: string) => {
    mkdirSync(dirname(join(dir, MANIFEST_OF_OPENCLAW)), { recursive: true });
    writeFileSync(join(dir, MANIFEST_OF_OPENCLAW), JSON.stringify(manifest, null, 2));
    return { dir, prefix: "" };
  };
  return buildLayer({ name: "version", key: JSON.stringify(manifest), make }, join(scratch, "layers"));
}

async function fileIn(layer: Layer, path: string, scratch: string): Promise<string> {
  const archive = join(scratch, "layer.tar");
  await pipeline(createReadStream(layer.file), createZstdDecompress(), createWriteStream(archive));
  return run("tar", ["-xOf", archive, path]);
}

/** The files of several images, which share what is the same. */
function inOne(images: readonly ImageFiles[]): ImageFiles["files"] {
  const manifests = images.flatMap(({ files }) => parse<Index>(files.get("index.json") ?? "").manifests);
  const index = JSON.stringify({ schemaVersion: 2, manifests });
  return new Map([...images.flatMap(({ files }) => [...files]), ["index.json", index] as const]);
}

interface Blob {
  digest: string;
  size: number;
}
interface Index {
  manifests: (Blob & { annotations: Record<string, string> })[];
}
interface Config {
  architecture: "amd64" | "arm64";
  config: { User: string; Env: string[]; Entrypoint: string[]; WorkingDir: string; Labels: Record<string, string> };
  rootfs: { diff_ids: string[] };
  history: { created_by: string }[];
}

const parse = <T>(json: string): T => JSON.parse(json) as T;
const read = <T>(path: string): T => parse(readFileSync(path, "utf8"));

if (import.meta.main) {
  const [image, out] = process.argv.slice(2);
  if (!image || !out) throw new Error("usage: node tests/harness/image-variants.ts IMAGE.tar OUT.tar");
  console.log((await writeVariants(image, out)).join("\n"));
}

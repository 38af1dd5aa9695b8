import { createHash } from "node:crypto";
import { createWriteStream, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Layer } from "./layer.ts";
import { packTree } from "./tar.ts";

/** How a container of the image runs. */
export interface RunConfig {
  user: string;
  env: Record<string, string>;
  entrypoint: string[];
  workingDir: string;
  labels: Record<string, string>;
}

export interface ImageFiles {
  /** `sha256:…` of the manifest: what a pod pins. */
  digest: string;
  /** The small files of the image by their path in an OCI layout. */
  files: Map<string, string>;
}

/** An OCI image (image-spec 1.1) without its layers. Times are left out, because they would change the digest. */
export function describeImage(layers: Layer[], run: RunConfig, reference: string, arch: "amd64" | "arm64"): ImageFiles {
  const files = new Map<string, string>();
  const put = (value: unknown) => {
    const text = JSON.stringify(value);
    const hex = createHash("sha256").update(text).digest("hex");
    files.set(`blobs/sha256/${hex}`, text);
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
  };
  const config = put({
    architecture: arch,
    os: "linux",
    config: {
      User: run.user,
      Env: Object.entries(run.env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: run.entrypoint,
      WorkingDir: run.workingDir,
      Labels: run.labels,
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created_by: layer.name })),
  });
  const manifest = put({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: layers.map(({ digest, size }) => ({ mediaType: LAYER, digest, size })),
  });
  const annotations = { "io.containerd.image.name": reference, "org.opencontainers.image.ref.name": tagOf(reference) };
  const entry = { mediaType: MANIFEST, ...manifest, annotations, platform: { architecture: arch, os: "linux" } };
  files.set("index.json", JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [entry] }));
  files.set("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return { digest: manifest.digest, files };
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+zstd";

function tagOf(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return name.includes(":") ? name.slice(name.indexOf(":") + 1) : "latest";
}

/** Writes the OCI layout as one tar, which `ctr images import` takes. `scratch` must be on the layers' file system. */
export async function writeImage(
  image: Pick<ImageFiles, "files">,
  layers: Layer[],
  out: string,
  scratch: string,
): Promise<void> {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(join(scratch, "blobs/sha256"), { recursive: true });
  try {
    for (const [path, text] of image.files) writeFileSync(join(scratch, path), text);
    for (const layer of layers)
      linkSync(layer.file, join(scratch, "blobs/sha256", layer.digest.slice("sha256:".length)));
    const names = ["oci-layout", "index.json", "blobs"];
    await pipeline(packTree({ dir: scratch, prefix: "", names }), createWriteStream(out));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { unpackTar } from "#cluster/system/tar.ts";
import { packTree, type Tree } from "./tar.ts";

/** One layer of an image, packed on disk. */
export interface Layer {
  name: string;
  /** The compressed archive. */
  file: string;
  /** `sha256:…` of the compressed archive. */
  digest: string;
  /** `sha256:…` of the plain archive. */
  diffId: string;
  /** Bytes of the compressed archive. */
  size: number;
}

export interface LayerPlan {
  name: string;
  /** Includes everything that the content depends on: the same key is the same layer. */
  key: string;
  /** Prepares the content, in `scratch` if it must be made; called only if the cache has no layer of this key. */
  make: (scratch: string) => Promise<Tree>;
}

/** The layer from the cache, or made, packed (tar, zstd) and cached. */
export async function buildLayer(plan: LayerPlan, cacheDir: string): Promise<Layer & { cached: boolean }> {
  const key = createHash("sha256").update(`${plan.name}\n${plan.key}`).digest("hex").slice(0, 24);
  const file = join(cacheDir, `${plan.name}-${key}.tar.zst`);
  const record = `${file}.json`;
  if (existsSync(record) && existsSync(file))
    return { ...(JSON.parse(readFileSync(record, "utf8")) as Omit<Layer, "file">), file, cached: true };
  mkdirSync(cacheDir, { recursive: true });
  const scratch = join(cacheDir, `scratch-${plan.name}-${process.pid}`);
  try {
    mkdirSync(scratch);
    const layer = { name: plan.name, ...(await pack(await plan.make(scratch), file)) };
    writeFileSync(record, JSON.stringify(layer));
    return { ...layer, file, cached: false };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function pack(tree: Tree, file: string): Promise<Pick<Layer, "digest" | "diffId" | "size">> {
  const [plain, packed] = [digestOf(), digestOf()];
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 6 } });
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await pipeline(packTree(tree), plain.through, compress, packed.through, createWriteStream(unfinished));
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return { digest: packed.result(), diffId: plain.result(), size: statSync(file).size };
}

/** Symbolic links to folders that are already there stay. */
const OVER_OTHERS = ["--keep-directory-symlink"];

/** Unpacks layers over each other, as a container runtime would. */
export async function unpackLayers(layers: Layer[], dir: string): Promise<void> {
  for (const layer of layers) await unpackTar(plainArchive(layer), dir, { args: OVER_OTHERS });
}

function plainArchive(layer: Layer): Readable {
  const decompress = createZstdDecompress();
  const file = createReadStream(layer.file);
  file.on("error", (error) => decompress.destroy(error));
  return file.pipe(decompress);
}

function digestOf() {
  const hash = createHash("sha256");
  const through = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { through, result: () => `sha256:${hash.digest("hex")}` };
}

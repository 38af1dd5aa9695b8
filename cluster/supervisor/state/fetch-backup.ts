import { statfs } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { unpackTar } from "#cluster/system/tar.ts";
import type { BackupManifest, StateOrder } from "#schema/contracts/state-transfer.ts";
import { isFullError } from "../trouble.ts";
import type { EdgeTransfer } from "./edge-transfer.ts";
import { damaged, openPart, sha256 } from "./sealed-part.ts";
import { StateError } from "./state-error.ts";

export interface FetchWork {
  order: Pick<StateOrder, "backup_id" | "key">;
  manifest: BackupManifest;
  /** An empty folder. Its content is valid only if this resolves. */
  into: string;
  edge: Pick<EdgeTransfer, "getPart">;
  signal: AbortSignal;
}

/** Room that must be left on the volume, in bytes. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** Fetches and verifies every part, and unpacks them together. Throws StateError if anything differs from what was stored. */
export async function fetchBackup(work: FetchWork): Promise<void> {
  await refuseTooLarge(work);
  const { signal, into } = work;
  try {
    const parts = Readable.from(opened(work), { objectMode: false });
    const plain = bounded(work.manifest.plain_bytes);
    await pipeline(parts, createZstdDecompress(), plain, (archive) => unpackTar(archive, into, { signal }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StateError || isFullError(error)) throw error;
    throw new StateError("The backup is damaged: it can't be unpacked", "backup_unusable", error);
  }
}

async function* opened(work: FetchWork): AsyncGenerator<Buffer> {
  for (const index of work.manifest.parts.keys()) yield await part(work, index);
}

async function part({ order, manifest, edge, signal }: FetchWork, index: number): Promise<Buffer> {
  signal.throwIfAborted();
  const said = manifest.parts[index];
  const sealed = await edge.getPart(index);
  if (sealed.length !== said?.bytes || sha256(sealed) !== said.sha256) throw damaged({ index });
  const place = { backupId: order.backup_id, index, isLast: index === manifest.parts.length - 1 };
  return openPart(Buffer.from(order.key, "base64"), place, sealed);
}

/** Limits the unpacked size to the announced one. */
function bounded(most: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > most) done(new StateError("The backup is damaged: it is larger than announced", "backup_unusable"));
      else done(null, chunk);
    },
  });
}

async function refuseTooLarge({ manifest, into }: FetchWork): Promise<void> {
  const { bavail, bsize } = await statfs(into);
  if (manifest.plain_bytes + SPARE_BYTES > bavail * bsize) {
    const mib = (bytes: number) => Math.ceil(bytes / 1024 ** 2);
    const needed = `The backup needs ${mib(manifest.plain_bytes)} MiB, and ${mib(SPARE_BYTES)} more are kept free`;
    const words = `${needed}: the volume has ${mib(bavail * bsize)} left`;
    throw new StateError(`${words}. Make room, or restore into a box of a larger tier`, "backup_no_room");
  }
}

import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createZstdCompress } from "node:zlib";
import { packTar } from "#cluster/system/tar.ts";
import { type BackupManifest, MOST_PARTS, PART_BYTES, type StateOrder } from "#schema/contracts/state-transfer.ts";
import { collectState } from "./collect-state.ts";
import type { EdgeTransfer } from "./edge-transfer.ts";
import { sealPart, sha256 } from "./sealed-part.ts";
import { StateError } from "./state-error.ts";

export interface BackupWork {
  order: Pick<StateOrder, "backup_id" | "key">;
  stateDir: string;
  /** The OpenClaw that writes this state. */
  openclaw: string;
  edge: Pick<EdgeTransfer, "putPart">;
  signal: AbortSignal;
  partBytes?: number;
}

/** Backs up the current memory part by part, while the agent works. @returns the list of parts. */
export async function makeBackup(work: BackupWork): Promise<BackupManifest> {
  const staging = join(work.stateDir, ".backup");
  forgetBackup(work.stateDir);
  mkdirSync(staging, { recursive: true, mode: 0o700 });
  try {
    const { files } = await collectState(work.stateDir, staging);
    work.signal.throwIfAborted();
    return { ...(await send(work, staging)), format: 1, openclaw: work.openclaw, files };
  } finally {
    forgetBackup(work.stateDir);
  }
}

/** Removes what an interrupted backup has left on the volume. */
export const forgetBackup = (stateDir: string): void =>
  rmSync(join(stateDir, ".backup"), { recursive: true, force: true });

/** tar exits with 1 if a file changed while it was read, as may happen in an active workspace. */
const CHANGED = 1;

async function send(work: BackupWork, dir: string): Promise<Pick<BackupManifest, "plain_bytes" | "sha256" | "parts">> {
  const archive = packTar(["-C", dir, "."], { good: [0, CHANGED], signal: work.signal });
  let plainBytes = 0;
  archive.on("data", (chunk: Buffer) => {
    plainBytes += chunk.length;
  });
  const compressed = archive.pipe(createZstdCompress());
  archive.on("error", (error) => compressed.destroy(new StateError("The memory can't be packed", "backup", error)));
  const whole = createHash("sha256");
  const parts: BackupManifest["parts"] = [];
  const put = async (plain: Buffer, isLast: boolean) => {
    if (parts.length === MOST_PARTS)
      throw new StateError("The box's memory is too large for a backup", "backup_unusable");
    const index = parts.length;
    const place = { backupId: work.order.backup_id, index, isLast };
    const sealed = sealPart(Buffer.from(work.order.key, "base64"), place, plain);
    await work.edge.putPart(index, sealed);
    whole.update(sealed);
    parts.push({ bytes: sealed.length, sha256: sha256(sealed) });
  };
  // Hold one part back, because the last one must be marked.
  let held: Buffer | undefined;
  for await (const plain of cut(compressed, work.partBytes ?? PART_BYTES)) {
    if (held) await put(held, false);
    held = plain;
  }
  await put(held ?? Buffer.alloc(0), true);
  return { plain_bytes: plainBytes, sha256: whole.digest("hex"), parts };
}

/** The same bytes in pieces of `size`; the last one is what is left. */
async function* cut(stream: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < size) continue;
    const all = Buffer.concat(waiting);
    const whole = all.length - (all.length % size);
    for (let at = 0; at < whole; at += size) yield all.subarray(at, at + size);
    waiting = [all.subarray(whole)];
    bytes = all.length - whole;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

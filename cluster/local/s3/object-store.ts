import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ObjectInfo {
  key: string;
  bytes: number;
}

/** One bucket as files: a content and a note for each object, named by a hash, because a key may be longer than a name. */
export async function openObjectStore(dataDir: string | undefined) {
  const dir = dataDir ?? mkdtempSync(join(tmpdir(), "s3-"));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const objects = await readNotes(dir);
  const fileOf = (key: string) => join(dir, createHash("sha256").update(key).digest("hex"));
  return {
    async put(key: string, content: Uint8Array): Promise<void> {
      const info: ObjectInfo = { key, bytes: content.byteLength };
      await replace(fileOf(key), content);
      await replace(`${fileOf(key)}.json`, JSON.stringify(info));
      objects.set(key, info);
    },
    read: async (key: string): Promise<Uint8Array | undefined> =>
      objects.has(key) ? readFile(fileOf(key)) : undefined,
    /** Gone already is fine. */
    async remove(key: string): Promise<void> {
      objects.delete(key);
      await rm(`${fileOf(key)}.json`, { force: true });
      await rm(fileOf(key), { force: true });
    },
    /** In the order of their keys' bytes, as S3 lists them. */
    list: (prefix: string): ObjectInfo[] =>
      [...objects.values()]
        .filter(({ key }) => key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
    async close(): Promise<void> {
      if (!dataDir) await rm(dir, { recursive: true, force: true });
    },
  };
}

async function readNotes(dir: string): Promise<Map<string, ObjectInfo>> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".json"));
  const notes = await Promise.all(names.map((name) => readNote(join(dir, name))));
  return new Map(notes.map((note) => [note.key, note]));
}

async function readNote(file: string): Promise<ObjectInfo> {
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text) as ObjectInfo;
  } catch {
    throw new Error(`${file} is damaged: put it back from a copy, or delete it, which gives that object up`);
  }
}

/** Two writers of one key at a time: the last one wins, whole. */
async function replace(file: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${file}.${crypto.randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, content, { mode: 0o600 });
    await rename(unfinished, file);
  } catch (error) {
    // On a full disk the part that was written would keep it full.
    await rm(unfinished, { force: true });
    throw error;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, type Readable, type Writable } from "node:stream";

interface PackOptions {
  /** Exit codes that are no failure. */
  good?: readonly number[];
  signal?: AbortSignal;
}

interface UnpackOptions {
  args?: readonly string[];
  signal?: AbortSignal;
}

/** The archive as a stream; it ends only if tar succeeded, and fails if tar failed. */
export function packTar(args: readonly string[], { good = [0], signal }: PackOptions = {}): Readable {
  const child = spawn("tar", ["-cf", "-", ...args], { stdio: ["ignore", "pipe", "pipe"], signal });
  const archive = new PassThrough();
  child.stdout.pipe(archive, { end: false });
  ended(child, good).then(
    () => archive.end(),
    (error) => archive.destroy(error),
  );
  return archive;
}

/** Unpacks into `dir`. tar itself refuses names that lead out of it. */
export async function unpackTar(archive: AsyncIterable<Uint8Array>, dir: string, options: UnpackOptions = {}) {
  const { args = [], signal } = options;
  const all = ["-xf", "-", "-C", dir, "--no-same-owner", ...args];
  const child = spawn("tar", all, { stdio: ["pipe", "ignore", "pipe"], signal });
  const end = ended(child, [0]);
  end.catch(() => undefined);
  try {
    await feed(archive, child.stdin);
  } catch (error) {
    child.kill();
    await end.catch(() => undefined);
    throw error;
  }
  await end;
}

/** tar may exit before it has read the padding after the archive's end, so its exit code decides. */
async function feed(archive: AsyncIterable<Uint8Array>, tar: Writable): Promise<void> {
  let gone = false;
  tar.on("error", () => {
    gone = true;
  });
  for await (const chunk of archive) {
    if (!gone && !tar.write(chunk)) await once(tar, "drain").catch(() => undefined);
  }
  tar.end();
}

async function ended(child: ChildProcess, good: readonly number[]): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk).slice(-500);
  });
  // An "error" (no such program, aborted) rejects it.
  const [code] = await once(child, "close");
  if (!good.includes(code)) throw new Error(`tar failed: ${said.trim()}`);
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";

/** Part of a folder that goes into a layer. */
export interface Tree {
  dir: string;
  /** Where it lies in the image, without a leading slash; "" for the root. */
  prefix: string;
  /** What of `dir` is taken; default everything. */
  names?: string[];
  /** Patterns of GNU tar that are left out. */
  exclude?: string[];
}

/** Every file of an image has the same time, so that the same content gives the same digest: 1980-01-01, zip's oldest. */
const MTIME = "@315532800";

/** GNU tar's arguments for a byte-for-byte repeatable archive, all owned by root. */
export function tarArguments(tree: Tree): string[] {
  const { dir, prefix, names = ["."], exclude = [] } = tree;
  return [
    "--create",
    "--format=gnu",
    "--sort=name",
    `--mtime=${MTIME}`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    ...exclude.map((pattern) => `--exclude=${pattern}`),
    // Names of members and of hard links get the prefix; what a symbolic link points to stays.
    ...(prefix ? [`--transform=flags=rhS;s,^\\(\\./\\)\\?,${prefix}/,`] : []),
    `--directory=${dir}`,
    "--",
    ...names,
  ];
}

/** The archive as a stream; it ends only when tar ended well, and fails when tar failed. */
export function tarStream(tree: Tree): Readable {
  const child = spawn("tar", tarArguments(tree), { stdio: ["ignore", "pipe", "pipe"] });
  const archive = new PassThrough();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk).slice(-500);
  });
  child.stdout.pipe(archive, { end: false });
  child.on("error", (error) => archive.destroy(error));
  child.on("close", (code) => {
    if (code === 0) archive.end();
    else archive.destroy(new Error(`tar of ${tree.dir} failed: ${said.trim()}`));
  });
  return archive;
}

/** Unpacks an archive from a stream into `dir`, keeping symbolic links to folders that are already there. */
export async function untar(archive: Readable, dir: string): Promise<void> {
  const args = ["--extract", "--keep-directory-symlink", "--no-same-owner", "--file=-", `--directory=${dir}`];
  const child = spawn("tar", args, { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk).slice(-500);
  });
  const closed = once(child, "close");
  archive.on("error", (error) => child.stdin.destroy(error));
  archive.pipe(child.stdin);
  const [code] = await closed;
  if (code !== 0) throw new Error(`unpacking into ${dir} failed: ${said.trim()}`);
}

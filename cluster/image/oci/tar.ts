import type { Readable } from "node:stream";
import { packTar } from "#cluster/system/tar.ts";

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

/** GNU tar's archive, byte for byte repeatable, all owned by root. */
export function packTree({ dir, prefix, names = ["."], exclude = [] }: Tree): Readable {
  return packTar([
    "--format=gnu",
    "--sort=name",
    `--mtime=${MTIME}`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    ...exclude.map((pattern) => `--exclude=${pattern}`),
    // Names of members and hard links get the prefix; targets of symbolic links don't.
    ...(prefix ? [`--transform=flags=rhS;s,^\\(\\./\\)\\?,${prefix}/,`] : []),
    `--directory=${dir}`,
    "--",
    ...names,
  ]);
}

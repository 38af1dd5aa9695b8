import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** What each SQLite file begins with; an empty one is a database without tables. */
const MAGIC = Buffer.from("SQLite format 3\0");

/**
 * Tells early and in words what workerd would fail at with the first request.
 * @param folder where Durable Objects keep their storage
 * @throws Error that names the damaged file, and what to do
 */
export function refuseDamagedEdge(folder: string): void {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".sqlite"));
  const damaged = files.map((name) => join(folder, name)).find((file) => !isDatabase(file));
  if (damaged)
    throw new Error(`${damaged} is damaged: put it back from a copy, or start afresh: delete ${join(folder, "..")}`);
}

function isDatabase(file: string): boolean {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(MAGIC.length);
    return readSync(fd, bytes, 0, MAGIC.length, 0) === 0 || bytes.equals(MAGIC);
  } finally {
    closeSync(fd);
  }
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { migratePglite } from "./migrated-pglite.ts";
import type { Template } from "./templates.ts";

/** Makes each template as a file of its name in that folder. */
export async function makeTemplates(folder: string): Promise<void> {
  const db = await PGlite.create();
  const dump = async (name: Template) => writeFile(join(folder, name), (await db.dumpDataDir("none")).stream());
  await dump("empty");
  await migratePglite(db);
  await dump("migrated");
  await db.close();
}

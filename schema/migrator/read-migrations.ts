import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Migration, parseMigration } from "./migration.ts";

interface Journal {
  entries: { tag: string; when: number }[];
}

/** The migrations of a folder of drizzle-kit's, in their order. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const journal: Journal = JSON.parse(await readFile(join(folder, "meta/_journal.json"), "utf8"));
  return Promise.all(
    journal.entries.map(async ({ tag, when }) =>
      parseMigration(tag, when, await readFile(join(folder, `${tag}.sql`), "utf8")),
    ),
  );
}

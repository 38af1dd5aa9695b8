import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNeon } from "./neon.ts";

const connectionString = "postgresql://a:b@c/d";
const parent = mkdtempSync(join(tmpdir(), "database-folder-"));
const whole = join(parent, "whole");
let copies = 0;

beforeAll(async () => {
  await (await createNeon({ connectionString, dataDir: whole })).close();
});
afterAll(() => rmSync(parent, { recursive: true }));

function damagedBy(damage: (folder: string) => void): string {
  const folder = join(parent, `copy-${++copies}`);
  cpSync(whole, folder, { recursive: true });
  damage(folder);
  return folder;
}

test.each([
  ["PG_VERSION", (folder: string) => rmSync(join(folder, "PG_VERSION"))],
  ["PG_VERSION", (folder: string) => truncateSync(join(folder, "PG_VERSION"))],
  ["global/pg_control", (folder: string) => rmSync(join(folder, "global/pg_control"))],
  ["pg_wal", (folder: string) => rmSync(join(folder, "pg_wal"), { recursive: true })],
])("a database without its %s has words for it, and is left as it is", async (part, damage) => {
  const dataDir = damagedBy(damage);
  const before = readdirSync(dataDir, { recursive: true }).sort();
  await expect(createNeon({ connectionString, dataDir })).rejects.toThrow(
    `${dataDir} is a damaged database: ${part} is missing or empty. Put the folder back from a copy`,
  );
  expect(readdirSync(dataDir, { recursive: true }).sort()).toEqual(before);
});

test("a database whose control file is overwritten has words, not those of WebAssembly alone", async () => {
  const dataDir = damagedBy((folder) => writeFileSync(join(folder, "global/pg_control"), "x".repeat(8192)));
  await expect(createNeon({ connectionString, dataDir })).rejects.toThrow(
    `${dataDir} can't be opened as a database: it is damaged, or the disk is full`,
  );
});

test("an empty folder is a first start", async () => {
  const dataDir = join(parent, "empty");
  mkdirSync(dataDir);
  const neon = await createNeon({ connectionString, dataDir });
  expect(await neon.query("select 1 as one")).toEqual([{ one: 1 }]);
  await neon.close();
});

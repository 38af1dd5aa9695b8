import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export const newFolder = (): string => mkdtempSync(join(tmpdir(), "memory-"));

export function write(dir: string, path: string, content: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
}

/** A state folder as a box has one: databases with a log that holds what is newest, files, and what is not memory. */
export function sampleMemory(word: string): string {
  const dir = newFolder();
  write(dir, "workspace/MEMORY.md", `The word is ${word}.`);
  write(dir, "workspace/notes/übung 1.txt", word.repeat(1_000));
  write(dir, "home/.profile", "export A=1");
  write(dir, "home/.cache/big", "x".repeat(1_000));
  write(dir, "config/openclaw.json", '{ "botToken": "secret" }');
  write(dir, "config/written.json", "{}");
  write(dir, "openclaw/gateway.log", "log");
  write(dir, "openclaw/tmp/x.lock", "");
  symlinkSync("MEMORY.md", join(dir, "workspace/link"));
  for (const name of ["state/openclaw.sqlite", "agents/main/agent.sqlite"]) addTurn(dir, name, word);
  return dir;
}

/** Writes to a database and leaves it open, so that its newest content is in the log beside it. */
export function addTurn(dir: string, name: string, word: string): DatabaseSync {
  const file = join(dir, "openclaw", name);
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS turns (word TEXT)");
  database.prepare("INSERT INTO turns VALUES (?)").run(word);
  return database;
}

export function turnsIn(dir: string, name: string): unknown[] {
  const database = new DatabaseSync(join(dir, "openclaw", name), { readOnly: true });
  try {
    return database
      .prepare("SELECT word FROM turns")
      .all()
      .map(({ word }) => word);
  } finally {
    database.close();
  }
}

/** Every file below `dir` with its content, but for databases. */
export function filesIn(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(dir, name)).isFile() && !name.includes(".sqlite"));
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(join(dir, name), "utf8")]));
}

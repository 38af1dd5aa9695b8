import { existsSync, readdirSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { collectState } from "./collect-state.ts";
import { addTurn, filesIn, newFolder, sampleMemory, turnsIn, write } from "./testing/sample-memory.ts";

test("takes the memory, databases with what is only in their logs, and leaves secrets, logs and caches", async () => {
  const dir = sampleMemory("pomegranate");
  const into = newFolder();
  const { files } = await collectState(dir, into);
  expect(Object.keys(filesIn(into))).toEqual([
    "config/written.json",
    "home/.profile",
    "workspace/MEMORY.md",
    "workspace/link",
    "workspace/notes/übung 1.txt",
  ]);
  expect(readlinkSync(join(into, "workspace/link"))).toBe("MEMORY.md");
  expect(turnsIn(into, "state/openclaw.sqlite")).toEqual(["pomegranate"]);
  expect(turnsIn(into, "agents/main/agent.sqlite")).toEqual(["pomegranate"]);
  expect(readdirSync(join(into, "openclaw/state"))).toEqual(["openclaw.sqlite"]);
  expect(files).toBe(6);
});

test("a file that is replaced while the backup runs stays in it as it was", async () => {
  const dir = sampleMemory("old");
  const into = newFolder();
  await collectState(dir, into);
  writeFileSync(join(dir, "new"), "new");
  renameSync(join(dir, "new"), join(dir, "workspace/MEMORY.md"));
  expect(filesIn(into)["workspace/MEMORY.md"]).toBe("The word is old.");
});

test("a file of the workspace that only looks like a database is a file; a broken one of OpenClaw's stops the backup", async () => {
  const dir = sampleMemory("x");
  write(dir, "workspace/odd.db", `SQLite format 3\0${"no database".repeat(50)}`);
  const into = newFolder();
  await collectState(dir, into);
  expect(filesIn(into)["workspace/odd.db"]).toContain("no database");
  write(dir, "openclaw/state/odd.sqlite", `SQLite format 3\0${"no database".repeat(50)}`);
  await expect(collectState(dir, newFolder())).rejects.toThrow();
});

test("databases that are written all the time are copied as of one moment, and their writer never waits long", async () => {
  const dir = sampleMemory("start");
  const files = ["a.sqlite", "b.sqlite"].map((name) => {
    addTurn(dir, name, "0").close();
    return join(dir, "openclaw", name);
  });
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const writer = new Worker(WRITER, { eval: true, workerData: { files, shared } });
  const ended = new Promise((resolve) => writer.once("exit", resolve));
  while (Atomics.load(shared, 0) < 50) await new Promise((resolve) => setImmediate(resolve));
  for (let round = 0; round < 5; round++) {
    const into = newFolder();
    await collectState(dir, into);
    const [a = 0, b = 0] = files.map((file) => newest(join(into, "openclaw", file.split("/").at(-1) ?? "")));
    // Each number goes to a first and then to b: pinned a moment apart, b is at most a few behind or ahead.
    expect(Math.abs(a - b)).toBeLessThanOrEqual(50);
    expect(a).toBeGreaterThan(0);
  }
  Atomics.store(shared, 1, 1);
  await ended;
  expect(existsSync(join(dir, ".backup"))).toBe(false);
});

function newest(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare("SELECT max(CAST(word AS INTEGER)) AS n FROM turns").get();
  database.close();
  return Number(row?.n);
}

/** Puts ever larger numbers into both databases, one after the other. */
const WRITER = `
const { DatabaseSync } = require("node:sqlite");
const { workerData: { files, shared } } = require("node:worker_threads");
const open = files.map((file) => new DatabaseSync(file, { timeout: 5000 }).prepare("INSERT INTO turns VALUES (?)"));
for (let n = 1; !Atomics.load(shared, 1); n++) {
  for (const insert of open) insert.run(String(n));
  Atomics.store(shared, 0, n);
}
`;

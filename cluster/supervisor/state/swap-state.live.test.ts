import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { MEMORY } from "./collect-state.ts";
import { isRestored, keep, makeRoom, recover, rollBack, swapIn } from "./swap-state.ts";
import { filesIn, newFolder, write } from "./testing/sample-memory.ts";

const ORDER = "5b4f2a6e-06d6-4a5c-8f0e-6d1f8f6b1c01";
const OLD = { "openclaw/a": "old", "home/b": "old", "workspace/c": "old", "config/written.json": "old" };
const NEW = { "openclaw/a": "new", "workspace/d": "new", "config/written.json": "new" };

function filled(files: Record<string, string>): string {
  const dir = newFolder();
  for (const [path, content] of Object.entries(files)) write(dir, path, content);
  return dir;
}

function fetched(dir: string, files: Record<string, string> = NEW): void {
  const tree = makeRoom(dir);
  for (const [path, content] of Object.entries(files)) write(tree, path, content);
}

test("the new memory takes the whole place of the old one, and is kept", () => {
  const dir = filled(OLD);
  fetched(dir);
  swapIn(dir, ORDER);
  expect(isRestored(dir, ORDER)).toBe(false);
  keep(dir, ORDER);
  expect(isRestored(dir, ORDER)).toBe(true);
  expect(filesIn(dir)).toEqual({ ...NEW, "config/restored.json": JSON.stringify({ order_id: ORDER }) });
  recover(dir);
  expect(filesIn(dir)).toMatchObject(NEW);
});

test.each([
  ["a box that had a memory", OLD],
  ["an empty box", {}],
])("rolled back, %s is as it was", (_, before) => {
  const dir = filled(before);
  fetched(dir);
  swapIn(dir, ORDER);
  rollBack(dir);
  expect(filesIn(dir)).toEqual(before);
  expect(existsSync(join(dir, ".restore"))).toBe(false);
});

test("cut off after any step of the exchange, the next start brings the old memory back", () => {
  const moves = MEMORY.flatMap((path) => [
    [path, join(".restore/before", path)],
    [join(".restore/tree", path), path],
  ]) as [string, string][];
  for (let steps = 0; steps <= moves.length; steps++) {
    const dir = filled(OLD);
    fetched(dir);
    write(dir, ".restore/journal.json", JSON.stringify({ order_id: ORDER, had: MEMORY }));
    for (const [from, to] of moves.slice(0, steps)) {
      mkdirSync(dirname(join(dir, to)), { recursive: true });
      if (existsSync(join(dir, from))) renameSync(join(dir, from), join(dir, to));
    }
    recover(dir);
    expect(filesIn(dir), `after ${steps} steps`).toEqual(OLD);
  }
});

test("cut off while it was fetched, nothing of it is left", () => {
  const dir = filled(OLD);
  fetched(dir);
  recover(dir);
  expect(filesIn(dir)).toEqual(OLD);
});

test("cut off after it was kept, the new memory stays", () => {
  const dir = filled(OLD);
  fetched(dir);
  swapIn(dir, ORDER);
  write(dir, "config/restored.json", JSON.stringify({ order_id: ORDER }));
  recover(dir);
  expect(filesIn(dir)).toMatchObject(NEW);
  expect(existsSync(join(dir, ".restore"))).toBe(false);
});

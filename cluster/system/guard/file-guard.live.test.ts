import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { createFileGuard, type FileGuard } from "./file-guard.ts";
import { type OwnedFile, putRight } from "./owned-file.ts";

let dir = "";
let guard: FileGuard;
let undone: string[] = [];
let stuck: string[] = [];

const NEVER = 1_000_000;
const file = (name: string, change: Partial<OwnedFile> = {}): OwnedFile => ({
  name,
  path: join(dir, "held", name),
  wanted: () => "ours",
  ...change,
});
function hold(files: OwnedFile[], pollMs: number): void {
  for (const one of files) putRight(one);
  guard = createFileGuard({
    onUndone: (name) => undone.push(name),
    onStuck: (name) => stuck.push(name),
    pollMs,
  });
  guard.hold(files);
}
const contentIs = (one: OwnedFile, text: string) => until(`${one.name} to be ${text}`, () => read(one) === text, 5_000);
const read = ({ path }: OwnedFile) => readFileSync(path, "utf8");

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "guard-"));
  mkdirSync(join(dir, "held"));
  [undone, stuck] = [[], []];
});
afterEach(() => guard.close());

test("a change is undone before OpenClaw reads it, half a second later, without a poll", async () => {
  const one = file("config");
  hold([one], NEVER);
  for (let time = 0; time < 5; time += 1) {
    writeFileSync(one.path, `theirs ${time}`);
    const changedAt = performance.now();
    await contentIs(one, "ours");
    expect(performance.now() - changedAt).toBeLessThan(400);
  }
  expect(new Set(undone)).toEqual(new Set(["config"]));
});

test("a folder that was replaced is guarded again", async () => {
  const one = file("config");
  hold([one], 50);
  renameSync(join(dir, "held"), join(dir, "away"));
  await until("the file to be back", () => read(one) === "ours");
  await until("the new folder to be watched", () => undone.length > 0);
  writeFileSync(one.path, "theirs");
  await contentIs(one, "ours");
});

test("a shared file may be written in pieces, but not for ever", async () => {
  const notes = file("notes", { shared: true, wanted: (now) => (now?.startsWith("ours") ? now : `ours ${now ?? ""}`) });
  hold([notes], 20);
  writeFileSync(notes.path, "");
  await new Promise((resolve) => setTimeout(resolve, 100));
  writeFileSync(notes.path, "theirs");
  await contentIs(notes, "ours theirs");
  expect(undone).toEqual(["notes"]);
  const touching = setInterval(() => utimesSync(notes.path, new Date(), new Date()), 10);
  writeFileSync(notes.path, "theirs again");
  await until("it to be put right", () => read(notes) === "ours theirs again", 10_000).finally(() =>
    clearInterval(touching),
  );
});

test("what can't be put right is told", async () => {
  const one = file("config", {
    wanted: () => {
      throw new Error("no");
    },
  });
  guard = createFileGuard({ onUndone: () => undefined, onStuck: (name) => stuck.push(name) });
  guard.hold([one]);
  rmSync(one.path, { force: true });
  writeFileSync(one.path, "theirs");
  await until("it to be told", () => stuck.includes("config"));
});

test("nothing is touched once it is let go", async () => {
  const one = file("config");
  hold([one], 20);
  guard.hold(null);
  writeFileSync(one.path, "theirs");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(read(one)).toBe("theirs");
});

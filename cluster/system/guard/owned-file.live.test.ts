import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { putRight } from "./owned-file.ts";

let dir = "";
let path = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "owned-"));
  path = join(dir, "ours/file");
  mkdirSync(join(dir, "ours"));
});

const right = (wanted: string | null = "ours") => putRight({ name: "file", path, wanted: () => wanted });
const content = () => readFileSync(path, "utf8");

test("it is written where it is missing or differs, and left alone where it is as it should be", () => {
  expect([right(), content(), right()]).toEqual([true, "ours", false]);
  writeFileSync(path, "theirs");
  expect([right(), content(), right()]).toEqual([true, "ours", false]);
});

test("what must not be there is removed, a folder with all that is in it as well", () => {
  mkdirSync(join(path, "deep"), { recursive: true });
  expect([right(null), existsSync(path), right(null)]).toEqual([true, false, false]);
});

test("in place of a link, a second name of a file, a folder or something huge comes a file of ours", () => {
  const theirs = join(dir, "theirs");
  writeFileSync(theirs, "ours");
  const tricks = [
    () => symlinkSync(theirs, path),
    () => linkSync(theirs, path),
    () => mkdirSync(path),
    () => {
      writeFileSync(path, "ours");
      truncateSync(path, 5_000_000);
    },
  ];
  for (const trick of tricks) {
    right(null);
    trick();
    expect([right(), content(), right()]).toEqual([true, "ours", false]);
    writeFileSync(theirs, "ours, changed by its other name");
    expect(content()).toBe("ours");
    writeFileSync(theirs, "ours");
  }
});

test("a link in place of the folder leads nowhere", () => {
  const elsewhere = join(dir, "elsewhere");
  mkdirSync(elsewhere);
  rmdirSync(join(dir, "ours"));
  symlinkSync(elsewhere, join(dir, "ours"));
  right();
  expect(content()).toBe("ours");
  expect(existsSync(join(elsewhere, "file"))).toBe(false);
});

test("a shared file that a backup has given a second name keeps the agent's text, and the backup its copy", () => {
  const backup = join(dir, "backup");
  const wanted = (current: string | null) => (current ?? "seed").replace("section", "Section");
  const shared = () => putRight({ name: "file", path, wanted, shared: true });
  writeFileSync(path, "Section, and the agent's own text");
  linkSync(path, backup);
  expect([shared(), content()]).toEqual([false, "Section, and the agent's own text"]);
  writeFileSync(path, "section, and the agent's own text");
  expect([shared(), content()]).toEqual([true, "Section, and the agent's own text"]);
  expect(readFileSync(backup, "utf8")).toBe("section, and the agent's own text");
});

test("OpenClaw's configuration stays the same file: it is watched", () => {
  writeFileSync(path, "theirs, and longer");
  const { ino } = statSync(path);
  expect([right(), content(), statSync(path).ino]).toEqual([true, "ours", ino]);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./folder-lock.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "folder-lock-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

test("keeps a second one out until the first is done", () => {
  const folder = join(parent, "new", "postgres");
  const unlock = lockFolder(folder);
  expect(() => lockFolder(`${folder}/`)).toThrow(`in use by process ${process.pid}`);
  unlock();
  lockFolder(folder)();
});

test.each(["", "{", '{"pid":2147483647,"started":"another/1"}', `{"pid":${process.pid},"started":"another/1"}`])(
  "takes over from a process that is gone: %j",
  (holder) => {
    const folder = join(parent, "postgres");
    writeFileSync(`${folder}.lock`, holder);
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow("in use");
    unlock();
  },
);

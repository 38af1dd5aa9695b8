import { mkdirSync, mkdtempSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { watchFolder } from "./watch-folder.ts";

const folder = () => mkdtempSync(join(tmpdir(), "watch-"));

/** As the kubelet mounts a Secret: box.json → ..data/box.json, ..data → a folder with a time in its name. */
function putVersion(dir: string, version: string, content: string): void {
  mkdirSync(join(dir, version));
  writeFileSync(join(dir, version, "box.json"), content);
  symlinkSync(version, join(dir, "..data_tmp"));
  renameSync(join(dir, "..data_tmp"), join(dir, "..data"));
}

test("a swapped symlink beside the file is seen", async () => {
  const dir = folder();
  putVersion(dir, "..2026_1", "one");
  symlinkSync("..data/box.json", join(dir, "box.json"));
  let content = "";
  const watcher = watchFolder(
    dir,
    () => {
      content = readFileSync(join(dir, "box.json"), "utf8");
    },
    {
      pollMs: 3_600_000,
    },
  );
  putVersion(dir, "..2026_2", "two");
  await until("the new content", () => content === "two");
  watcher.close();
});

test("a burst of writes is told once it has settled", async () => {
  const dir = folder();
  let calls = 0;
  const watcher = watchFolder(dir, () => void calls++, { settleMs: 100, pollMs: 3_600_000 });
  for (let i = 0; i < 20; i++) writeFileSync(join(dir, "box.json"), String(i));
  await until("a call", () => calls > 0);
  watcher.close();
  expect(calls).toBe(1);
});

test("where events can't be had, the poll does it", async () => {
  const dir = join(folder(), "not-there-yet");
  let calls = 0;
  const watcher = watchFolder(dir, () => void calls++, { pollMs: 10 });
  await until("a second call", () => calls > 1);
  watcher.close();
});

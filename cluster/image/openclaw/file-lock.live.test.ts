import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withFileLock } from "./file-lock.ts";

const lockFile = () => join(mkdtempSync(join(tmpdir(), "lock-")), "work.lock");

test("the second waits until the first is through, and the file is gone afterwards", async () => {
  const file = lockFile();
  const order: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = withFileLock(file, async () => {
    await held;
    order.push("first");
  });
  const second = withFileLock(file, async () => order.push("second"), { pollMs: 5, onWait: () => release() });
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
  expect(existsSync(file)).toBe(false);
});

test("the lock is given back when the work fails", async () => {
  const file = lockFile();
  await expect(withFileLock(file, async () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await withFileLock(file, async () => "free")).toBe("free");
});

test.each([
  ["a process that is gone", { pid: 2_147_483_647, started: "another/1" }],
  ["an earlier process that had our number", { pid: process.pid, started: "another/1" }],
])("a lock of %s is taken over", async (_, content) => {
  const file = lockFile();
  writeFileSync(file, JSON.stringify(content));
  expect(await withFileLock(file, async () => "ours")).toBe("ours");
});

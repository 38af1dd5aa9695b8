import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, utimesSync, writeFileSync } from "node:fs";
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

test("a lock of a process that is gone is taken over", async () => {
  const file = lockFile();
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  writeFileSync(file, String(child.pid));
  expect(await withFileLock(file, async () => "ours")).toBe("ours");
});

test("a lock that nobody touched for long is taken over, whoever has its number now", async () => {
  const file = lockFile();
  writeFileSync(file, String(process.pid));
  utimesSync(file, new Date(0), new Date(0));
  expect(await withFileLock(file, async () => "ours")).toBe("ours");
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { until } from "#tests/harness/until.ts";
import { openStorage } from "./storage.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telegram-storage-"));
  file = join(folder, "telegram.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(["", "{", "{}"])("a file with %j is not taken for a first start", (text) => {
  writeFileSync(file, text);
  expect(() => openStorage(file)).toThrow(`${file} is not a stored Telegram world`);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("chats that can't be stored go on, and are stored once that is possible", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const kept = openStorage(file);
  mkdirSync(join(file, "in-the-way"), { recursive: true });
  kept.flush();
  kept.changed();
  kept.flush();
  expect(warned).toHaveBeenCalledTimes(1);
  rmSync(file, { recursive: true });
  await until("the chats to be stored", () => existsSync(file));
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(kept.world);
  warned.mockRestore();
});

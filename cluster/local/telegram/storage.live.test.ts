import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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

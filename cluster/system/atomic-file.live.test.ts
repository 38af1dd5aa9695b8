import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeAtomically } from "./atomic-file.ts";

test("a write that fails leaves no part behind", () => {
  const folder = mkdtempSync(join(tmpdir(), "atomic-file-"));
  mkdirSync(join(folder, "taken/by-a-folder"), { recursive: true });
  expect(() => writeAtomically(join(folder, "taken"), "content")).toThrow();
  expect(readdirSync(folder)).toEqual(["taken"]);
  rmSync(folder, { recursive: true });
});

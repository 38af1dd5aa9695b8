import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPin } from "./pin.ts";

function pinDir(packages: Record<string, object>): string {
  const dir = mkdtempSync(join(tmpdir(), "pin-"));
  writeFileSync(join(dir, "package-lock.json"), JSON.stringify({ packages }));
  return dir;
}

test("the pin names an exact version, and the folder carries it", () => {
  const pin = readPin();
  expect(pin.version).toMatch(/^\d{4}\.\d+\.\d+$/);
  expect(pin.folderName.startsWith(`openclaw-${pin.version}-`)).toBe(true);
});

test("another lock file, platform or processor is another folder", () => {
  const one = pinDir({ "node_modules/openclaw": { version: "1.0.0" } });
  const two = pinDir({ "node_modules/openclaw": { version: "1.0.0" }, "node_modules/a": { version: "1.0.0" } });
  const names = [readPin(one, "linux", "x64"), readPin(two, "linux", "x64"), readPin(one, "linux", "arm64")];
  expect(new Set(names.map((pin) => pin.folderName)).size).toBe(3);
  expect(readPin(one, "linux", "x64")).toEqual(names[0]);
});

test("packages of other platforms and bundled ones are not counted", () => {
  const dir = pinDir({
    "": {},
    "node_modules/openclaw": { version: "1.0.0" },
    "node_modules/native-darwin": { os: ["darwin"] },
    "node_modules/native-arm": { os: ["linux"], cpu: ["arm64"] },
    "node_modules/openclaw/node_modules/inside": { inBundle: true },
  });
  expect(readPin(dir, "linux", "x64").packages).toBe(1);
});

test("a lock file without openclaw is refused", () => {
  expect(() => readPin(pinDir({}))).toThrow(/does not hold openclaw/);
});

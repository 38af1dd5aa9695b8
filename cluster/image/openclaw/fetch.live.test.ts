import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fetchOpenClaw } from "./fetch.ts";
import { readPin } from "./pin.ts";

const cacheFolder = () => mkdtempSync(join(tmpdir(), "fetch-"));

function putPackage(dir: string): void {
  mkdirSync(join(dir, "node_modules/openclaw"), { recursive: true });
  writeFileSync(join(dir, "node_modules/openclaw/openclaw.mjs"), "");
}

test("installs the copied pin once, and finds it the second time without a word", async () => {
  const cacheDir = cacheFolder();
  const lines: string[] = [];
  let installs = 0;
  const install = async (dir: string) => {
    installs++;
    expect(existsSync(join(dir, "package-lock.json"))).toBe(true);
    putPackage(dir);
  };
  const dir = await fetchOpenClaw({ cacheDir, install, onProgress: (line) => lines.push(line) });
  expect(dir).toBe(join(cacheDir, readPin().folderName));
  expect(lines[0]).toContain("fetching OpenClaw");
  const said = lines.length;
  expect(await fetchOpenClaw({ cacheDir, install, onProgress: (line) => lines.push(line) })).toBe(dir);
  expect([installs, lines.length]).toEqual([1, said]);
  expect(readdirSync(cacheDir)).toEqual([readPin().folderName]);
});

test("a failed install says what to do and leaves nothing behind", async () => {
  const cacheDir = cacheFolder();
  const install = async () => Promise.reject(new Error("code ENOTFOUND"));
  await expect(fetchOpenClaw({ cacheDir, install })).rejects.toThrow(/ENOTFOUND[\s\S]*npm ping[\s\S]*copy the folder/);
  expect(readdirSync(cacheDir)).toEqual([]);
});

test("an install that ends without OpenClaw is no install", async () => {
  const cacheDir = cacheFolder();
  await expect(fetchOpenClaw({ cacheDir, install: async () => {} })).rejects.toThrow(/incomplete/);
});

test("the leftovers of a killed install are removed", async () => {
  const cacheDir = cacheFolder();
  const { folderName } = readPin();
  mkdirSync(join(cacheDir, `${folderName}.tmp-1`));
  await fetchOpenClaw({ cacheDir, install: async (dir) => putPackage(dir) });
  expect(readdirSync(cacheDir)).toEqual([folderName]);
});

test("two fetches at once install once", async () => {
  const cacheDir = cacheFolder();
  let installs = 0;
  const install = async (dir: string) => {
    installs++;
    putPackage(dir);
  };
  const [one, two] = await Promise.all([fetchOpenClaw({ cacheDir, install }), fetchOpenClaw({ cacheDir, install })]);
  expect(one).toBe(two);
  expect(installs).toBe(1);
});

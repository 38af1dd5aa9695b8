import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { imageConfig } from "../config.ts";
import { findNpm, npmCi } from "./npm.ts";

const folder = () => mkdtempSync(join(tmpdir(), "npm-"));

function script(text: string): string {
  const file = join(folder(), "npm-cli.js");
  writeFileSync(file, text);
  return file;
}

test("the npm that runs us is taken before the one on PATH", () => {
  const file = script("");
  expect(findNpm(imageConfig({ npm_execpath: file, PATH: "" }))).toBe(file);
});

test("npm on PATH is followed to its script", () => {
  const [bin, modules] = [folder(), folder()];
  mkdirSync(join(modules, "bin"));
  writeFileSync(join(modules, "bin/npm-cli.js"), "");
  symlinkSync(join(modules, "bin/npm-cli.js"), join(bin, "npm"));
  expect(findNpm(imageConfig({ PATH: `${folder()}:${bin}` }))).toBe(join(modules, "bin/npm-cli.js"));
});

test("another package manager is no npm, and its absence says what to do", () => {
  expect(() => findNpm(imageConfig({ npm_execpath: "/opt/pnpm.cjs", PATH: folder() }))).toThrow(/install Node\.js/);
});

test("npm runs under this Node, in the folder it is given, and its packages are counted", async () => {
  const npm = script(`
    const { realpathSync } = require("node:fs");
    for (let i = 0; i < 3; i++) console.error("npm http fetch GET 200 a-package");
    if (process.version !== "${process.version}" || process.argv[2] !== "ci") process.exit(9);
    if (realpathSync(process.argv[process.argv.indexOf("--prefix") + 1]) !== realpathSync(process.cwd())) process.exit(8);
  `);
  let packages = 0;
  await npmCi(folder(), { npm, onPackage: () => packages++ });
  expect(packages).toBe(3);
});

test("npm's complaint is passed on, without its pointer to a log file", async () => {
  const npm = script(`
    console.error("npm error code ECONNREFUSED\\nnpm error syscall connect\\nnpm error errno -1\\nnpm error FetchError: no way");
    console.error("npm error A complete log of this run can be found in: /somewhere");
    process.exit(1);
  `);
  await expect(npmCi(folder(), { npm })).rejects.toThrow(
    /^code ECONNREFUSED; syscall connect; errno -1; FetchError: no way$/,
  );
});

/** A path that the documentation names is there: folders move, and a page that names the old place misleads. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
const pages = files.filter((file) => /^(docs\/.*|README|CONTRIBUTING)\.md$/.test(file));
const topFolders = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
const fileNames = new Set(files.map((file) => basename(file)));

/** `a/{b,c}.ts` names two. */
const alternatives = (path: string): string[] => {
  const braces = /\{([^}]*)\}/.exec(path);
  return braces ? (braces[1] ?? "").split(",").flatMap((one) => alternatives(path.replace(braces[0], one))) : [path];
};

const isPattern = (path: string): boolean => /[<*…$]/.test(path);
const isFileName = (word: string): boolean => /^[\w.-]+\.(test\.ts|ts|tsx|yaml|sql|toml)$/.test(word);

/** What `page` names and the repository does not have. */
const missingIn = (page: string, text: string): string[] => {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map((match) => match[1] ?? "").filter((word) => !isPattern(word));
  const paths = quoted.filter((word) => topFolders.has(word.split("/")[0] ?? "") && word.includes("/"));
  const names = quoted.filter((word) => isFileName(word) && !fileNames.has(word));
  const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map((match) => match[1] ?? "");
  return [
    ...paths.flatMap(alternatives).filter((path) => !existsSync(join(ROOT, path))),
    ...names,
    ...links.filter((link) => !existsSync(join(ROOT, dirname(page), link))),
  ];
};

describe("the documentation", () => {
  it.each(pages)("%s names only files and folders that are there", (page) => {
    expect(missingIn(page, readFileSync(join(ROOT, page), "utf8"))).toEqual([]);
  });

  it("is caught naming what is not there", () => {
    const text = "`workers/gone.ts`, `gone.test.ts`, `schema/{db,gone}`, [page](gone.md), `workers/<any>/<thing>.ts`";
    expect(missingIn("docs/page.md", text)).toEqual(["workers/gone.ts", "schema/gone", "gone.test.ts", "gone.md"]);
  });
});

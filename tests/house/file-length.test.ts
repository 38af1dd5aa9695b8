/** A file is taken in at one sitting: sources and tests have at most 300 lines. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const MOST_LINES = 300;

const linesOf = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
const isTooLong = (text: string): boolean => linesOf(text) > MOST_LINES;

/** Sources and tests that git has, or would take. */
const sources = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx", "*.astro"],
  { cwd: ROOT, encoding: "utf8" },
)
  .trim()
  .split("\n")
  .filter((file) => existsSync(resolve(ROOT, file)));

describe("no file is too long", () => {
  it("of those that there are", () => {
    const found = sources.filter((file) => isTooLong(readFileSync(resolve(ROOT, file), "utf8")));
    expect(sources.length).toBeGreaterThan(500);
    expect(found).toEqual([]);
  });

  it("and one line more than the most is found", () => {
    const text = "x;\n".repeat(MOST_LINES);
    expect([isTooLong(text), isTooLong(`${text}x;`), isTooLong(`${text}x;\n`)]).toEqual([false, true, true]);
  });
});

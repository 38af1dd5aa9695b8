/** No check of a text runs on one that is too long, and none takes long on 100 KB: neither a schema's nor an expression. */
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { bounded, schemasIn } from "./walk-schemas.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CHARACTERS = 100_000;
const MOST_MS = 10;
const PATTERN = "{schema,workers,fleet-agent,cluster/supervisor,site/src}/**/*.{ts,tsx}";
const NOT_OURS = /\.test\.tsx?$|\/(testing|node_modules|dist)\//;

const sources = globSync(PATTERN, { cwd: ROOT })
  .filter((path) => !NOT_OURS.test(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

/** What makes expressions look back: the same again and again, and an end that fits nothing. */
const HOSTILE = [
  "a",
  "1",
  "-",
  ".",
  " ",
  "=",
  "/",
  "a.",
  "a-",
  "1.",
  "a@a.",
  "-0",
  "{a",
  "ocp_",
  "data:",
  "<Key>",
  "<Contents>",
].map((part) => `${part.repeat(CHARACTERS / part.length)}\u0000`);

/** Within the time in one of some tries: the machine may be busy. */
function isQuick(work: () => void): boolean {
  for (let tries = 5; tries > 0; tries--) {
    const start = performance.now();
    work();
    if (performance.now() - start <= MOST_MS) return true;
  }
  return false;
}

const slow = (work: (text: string) => void): string[] =>
  HOSTILE.filter((text) => !isQuick(() => work(text))).map((text) => `${text.slice(0, 20)}…`);

describe("schemas", async () => {
  const modules = sources.filter(({ text }) => text.includes('from "zod"') && !text.includes("cloudflare:workers"));
  const exported = await Promise.all(modules.map(async ({ path }) => [path, await import(join(ROOT, path))] as const));
  const { operations } = await import(join(ROOT, "workers/routes/routes.ts"));
  const found = [...exported, ["operations", operations] as const].flatMap(([path, value]) =>
    schemasIn(value).map(({ at, schema }) => ({ name: `${path} ${at}`, schema })),
  );

  it("are all found", () => {
    expect(found.length).toBeGreaterThan(400);
  });

  it("check how long a text or list is before anything else of it", () => {
    expect(found.filter(({ schema }) => !bounded(schema)).map(({ name }) => name)).toEqual([]);
  });

  it(`answer ${CHARACTERS} characters within ${MOST_MS} ms`, () => {
    // A transformation by itself would be given what it never gets.
    const whole = found.filter(({ schema }) => schema.type !== "transform");
    const slowOnes = whole.map(({ name, schema }) => [name, slow((text) => schema.safeParse(text))] as const);
    expect(slowOnes.filter(([, texts]) => texts.length > 0)).toEqual([]);
  });

  it("are refused where they don't", () => {
    const wrong = [
      z.string().regex(/a/),
      z.string().max(3).regex(/a/),
      z.string().regex(/a/).max(3, { abort: true }),
      z.string().refine(Boolean),
      z.string().transform(Number),
      z.email(),
      z.string().optional().transform(Number),
      z.array(z.string()).refine(Boolean),
    ];
    expect(wrong.map(bounded)).toEqual(wrong.map(() => false));
    expect(bounded(z.string().max(3, { abort: true }).regex(/a/))).toBe(true);
  });
});

/** Those that no module exports, as they are written. */
const UNBOUNDED = [
  /z\s*\.string\(\)(?:\s*\.\w+\([^()]*\))*\s*\.(?:regex|refine|superRefine|check|transform)\(/,
  /(?<!check\(\s*)z\s*\.(?:email|url|iso\s*\.\w+|base64\w*|jwt|hex|nanoid|cuid2?|ulid)\(/,
];

it("a schema that no module exports begins with text(), too", () => {
  const found = sources.filter(({ text }) => UNBOUNDED.some((pattern) => pattern.test(text)));
  expect(found.map(({ path }) => path)).toEqual([]);
  for (const planted of [
    "z.string().regex(/a/)",
    "z\n  .string()\n  .max(3)\n  .refine(",
    "z.email()",
    "z.iso.date()",
  ]) {
    expect(UNBOUNDED.some((pattern) => pattern.test(planted))).toBe(true);
  }
});

/** An expression where one may stand; what only looks like one (a path in a comment) does no harm here. */
const LITERAL =
  /(?<=[(,=:[!&|?{};\s])\/(?![*/])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)(?=\s*[.,;)\]}:]|$)/gm;

describe("expressions", () => {
  const literals = sources.flatMap(({ path, text }) =>
    Array.from(text.matchAll(LITERAL), ([whole, pattern = "", flags = ""]) => ({
      name: `${path} ${whole}`,
      pattern,
      flags,
    })),
  );
  const expressions = literals.flatMap(({ name, pattern, flags }) => {
    try {
      return [{ name, expression: new RegExp(pattern, flags.replace(/[gy]/, "")) }];
    } catch {
      return [];
    }
  });

  it("are all found", () => {
    expect(expressions.length).toBeGreaterThan(100);
  });

  it(`are through ${CHARACTERS} characters within ${MOST_MS} ms`, () => {
    const slowOnes = expressions.map(({ name, expression }) => [name, slow((text) => expression.test(text))] as const);
    expect(slowOnes.filter(([, texts]) => texts.length > 0)).toEqual([]);
  });

  it("are refused where they look back again and again", () => {
    expect(slow((text) => /\.+$/.test(text.slice(-10_000)))).not.toEqual([]);
  });
});

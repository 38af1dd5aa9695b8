/**
 * One door for each kind of thing: these rules read the sources, and a planted breach of each is found. What lint can say
 * is in the biome.json of each folder (floors.test.ts).
 */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

interface Source {
  file: string;
  text: string;
}

/** What is wrong with a source; undefined where nothing is. */
type Rule = (source: Source) => string | undefined;

const isTest = (file: string): boolean => /^tests\/|\.test\.ts$|\/testing\//.test(file);

const jobsAreEnqueued: Rule = ({ file, text }) =>
  !isTest(file) &&
  file !== "workers/services/jobs/enqueue.ts" &&
  /insert\s+into\s+operator_jobs|insert\(operatorJobs\)/i.test(text)
    ? "inserts into operator_jobs: enqueue does"
    : undefined;

const noCastToCtx: Rule = ({ file, text }) =>
  file !== "tests/house/doors.test.ts" && /\bas\s+(unknown\s+as|Partial<Ctx>\s+as)\s+Ctx\b/.test(text)
    ? "casts to Ctx: workers/testing/make-ctx.ts makes a whole one"
    : undefined;

/** SQL that changes rows, in a template or by drizzle; or a verb's helper that does. */
const WRITES =
  /\b(insert\s+into|delete\s+from|update\s+\$?\{?\w[\w.]*\}?(\s+\w+)?\s+set)\b|\.(insert|update|delete)\(\w|\b(changeBox|provisionBox|enqueue)\(/i;
/** `verb({ ctx, input })`, or `verb(call)` where the call is handed on whole; its first line. */
const VERB =
  /export (?:async )?function (\w+)\((?:\{\s*ctx\b|call: )[\s\S]*?\)(?:: [^{]*?(?:\{[^}]*\}[^{]*?)*)?\s\{\n([^\n]*)\n/g;
const ARROW_VERB = /export const (\w+) = (?:async )?\((?:\{ ctx\b|call: )/g;
const CHECKED = /^ {2}(const .* = )?(await )?(require(Scope|System|Webhook)|own[A-Z]\w*|admit[A-Z]\w*)\((call\.)?ctx/;

const writingVerbsCheckWhoAsks: Rule = ({ file, text }) => {
  if (isTest(file) || !/^workers\/(services|sweep)\//.test(file) || !WRITES.test(text)) return undefined;
  const unchecked = [...text.matchAll(VERB)].filter(([, , first = ""]) => !CHECKED.test(first));
  const open = [...unchecked, ...text.matchAll(ARROW_VERB)].map(([, name]) => name);
  return open.length > 0 ? `${open.join(", ")}: the first line says who may ask` : undefined;
};

function breaches(rule: Rule, sources: readonly Source[]): string[] {
  return sources.flatMap((source) => rule(source)?.replace(/^/, `${source.file} `) ?? []);
}

const SOURCES: Source[] = globSync("{schema,workers,fleet-agent,cluster,tests}/**/*.ts", {
  cwd: ROOT,
  exclude: (path) => path.includes("node_modules"),
}).map((file) => ({ file, text: readFileSync(resolve(ROOT, file), "utf8") }));

const verb = (firstLine: string): string =>
  `export async function renameBox({ ctx, input }: { ctx: Ctx; input: { boxId: string } }): Promise<Box> {\n${firstLine}\n` +
  "  await ctx.db.execute(sql`update boxes set name = 1`);\n}\n";

const DOORS: [name: string, rule: Rule, planted: Source[], fine: Source[]][] = [
  [
    "jobs are written by enqueue alone",
    jobsAreEnqueued,
    [
      { file: "workers/services/boxes/planted.ts", text: "sql`insert into operator_jobs (id) values (1)`" },
      { file: "workers/sweep/planted.ts", text: "ctx.db.insert(operatorJobs).values(row)" },
    ],
    [{ file: "workers/services/boxes/fine.ts", text: "sql`update operator_jobs set status = 'queued'`" }],
  ],
  [
    "nothing is cast to a context",
    noCastToCtx,
    [
      { file: "workers/services/planted.test.ts", text: "const ctx = parts as unknown as Ctx;" },
      { file: "workers/services/planted.ts", text: "return parts as Partial<Ctx> as Ctx;" },
    ],
    [{ file: "workers/services/fine.test.ts", text: "const ctx: Ctx = makeCtx(standIn);" }],
  ],
  [
    "a verb that writes says first who may ask",
    writingVerbsCheckWhoAsks,
    [
      { file: "workers/services/boxes/planted.ts", text: verb("  const { boxId } = input;") },
      {
        file: "workers/services/boxes/planted3.ts",
        text: "export const renameBox = (call: Call): Promise<Box> => once(call.ctx, () => changeBox(call));",
      },
      { file: "workers/services/boxes/planted2.ts", text: verb('  if (input) requireScope(ctx, "boxes:write");') },
    ],
    [
      { file: "workers/services/boxes/fine.ts", text: verb('  requireScope(ctx, "boxes:write");') },
      { file: "workers/services/boxes/fine2.ts", text: verb("  const box = await ownBox(ctx);") },
    ],
  ],
];

describe.each(DOORS)("%s", (_name, rule, planted, fine) => {
  it("everywhere", () => {
    expect(breaches(rule, SOURCES)).toEqual([]);
  });

  it("and a planted breach is found", () => {
    expect(planted.filter((source) => rule(source) === undefined)).toEqual([]);
    expect(breaches(rule, fine)).toEqual([]);
  });
});

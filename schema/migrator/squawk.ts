import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { type Migration, withoutComments } from "./migration.ts";

interface Finding {
  rule_name: string;
  message: string;
  line: number;
}

/** Disabled rules: the migrator sets both timeouts; 32-bit integers and appended enum values are intended. */
const NOT_OURS = [
  "require-lock-timeout",
  "require-statement-timeout",
  "prefer-bigint-over-int",
  "require-enum-value-ordering",
];
/** Rules that don't apply to contracting migrations. */
const CONTRACT = ["ban-drop-column", "ban-drop-table"];
/** Statements that are safe to repeat, which squawk does not know. */
const VALIDATES = /^alter table \S+ validate constraint \S+;?$/i;
const POSTGRES = "15";

/** What squawk finds in a migration: https://squawkhq.com/docs/rules. */
export async function squawk(migration: Migration): Promise<string[]> {
  const excluded = [...NOT_OURS, ...(migration.contract ? CONTRACT : [])];
  const run = promisify(execFile)(process.execPath, [
    createRequire(import.meta.url).resolve("squawk-cli/js/bin/squawk"),
    "--reporter=json",
    `--pg-version=${POSTGRES}`,
    `--exclude=${excluded.join(",")}`,
    ...(migration.mode === "transaction" ? ["--assume-in-transaction"] : []),
  ]);
  run.child.stdin?.end(textOf(migration));
  const { stdout } = await run.catch((error: Error & { stdout: string }) => {
    // squawk exits with an error if it finds anything.
    if (!error.stdout.startsWith("[")) throw error;
    return error;
  });
  const findings: Finding[] = JSON.parse(stdout);
  return findings.map(({ rule_name, message }) => `${rule_name}: ${message}`);
}

function textOf({ mode, statements }: Migration): string {
  const judged = mode === "statements" ? statements.filter((it) => !VALIDATES.test(withoutComments(it))) : statements;
  return judged.join("\n");
}

/** Checks that squawk can't do: it knows neither the rows nor how our migrator runs a statement. */
import { type Migration, withoutComments } from "./migration.ts";

const CHANGES_ROWS = /^(update|delete|merge|with|insert\b(?![^;]*\bvalues\b))/i;
const STOPS_EVERYBODY = /^(truncate|lock|vacuum|cluster|do)\b|\brename value\b/i;
const BREAKS_THE_PROGRAM = /squawk-ignore[^\n]*(ban-drop-(column|table)|renaming)/;
const CREATES = /\bcreate table (?:if not exists )?(?:"?public"?\.)?"?(\w+)/gi;
const LOCKS = /\b(?:alter table|trigger[^;]*? on|references)\s+(?:if exists\s+)?(?:only\s+)?(?:"?public"?\.)?"?(\w+)/gi;

/** @returns the problems, as text; empty if there are none */
export function dangersOf(migration: Migration): string[] {
  const statements = migration.statements.map(withoutComments);
  return [
    ...statements.filter((statement) => STOPS_EVERYBODY.test(statement)).map((it) => `blocks other sessions: ${it}`),
    ...statements.flatMap((statement) => dangerOfRows(migration, statement)),
    ...lockedTogether(migration, statements),
    ...(!migration.contract && migration.statements.some((statement) => BREAKS_THE_PROGRAM.test(statement))
      ? [
          "removes what the running program may use: put it into a migration of its own that begins with `-- migrate: contract`",
        ]
      : []),
  ];
}

function dangerOfRows({ mode }: Migration, statement: string): string[] {
  if (!CHANGES_ROWS.test(statement)) return [];
  if (mode !== "batches")
    return [`changes rows and locks them all to its end; use "-- migrate: batches": ${statement}`];
  return /\blimit\b/i.test(statement) ? [] : [`a batch needs a limit: ${statement}`];
}

/** A writer that holds one of two tables and needs the other would deadlock with us. A single statement times out first. */
function lockedTogether({ mode }: Migration, statements: string[]): string[] {
  const all = statements.filter((statement) => !/^create (or replace )?function/i.test(statement)).join(";\n");
  const made = new Set(namesIn(all, CREATES));
  const locked = [...new Set(namesIn(all, LOCKS))].filter((table) => !made.has(table));
  if (mode !== "transaction" || statements.length === 1 || locked.length < 2) return [];
  return [`locks ${locked.join(" and ")} at once: change one table per migration, or use "-- migrate: statements"`];
}

const namesIn = (sql: string, pattern: RegExp): string[] => [...sql.matchAll(pattern)].map(([, name = ""]) => name);

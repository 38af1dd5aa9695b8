/** `npm run db:migrate`: docs/runbooks/migrate.md. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { migrate, type Plan, planOf } from "./migrate.ts";
import type { Migration } from "./migration.ts";
import { readMigrations } from "./read-migrations.ts";

const FOLDER = join(import.meta.dirname, "../db/migrations");
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { "dry-run": { type: "boolean", default: false }, contract: { type: "boolean", default: false } },
  });
  const migrations = await readMigrations(FOLDER);
  const client = new pg.Client({ connectionString: databaseUrl(), application_name: "openclaw-cloud migrate" });
  await client.connect();
  try {
    const { contract } = values;
    if (values["dry-run"]) return sayStatements(await planOf(client, migrations, { contract }));
    sayDone(await migrate(client, migrations, { contract, onApply, onRetry }));
  } finally {
    await client.end();
  }
}

/** The migrators' lock belongs to a session, and Neon's pooler may give each transaction another one. */
function databaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error("DATABASE_URL is missing");
  if (new URL(url).hostname.includes("-pooler.")) {
    throw new Error("DATABASE_URL names Neon's pooler: use the direct connection, without `-pooler`");
  }
  return url;
}

const onApply = ({ tag, mode }: Migration) => say(`${tag} (${mode})`);
const onRetry = (_: Migration, reason: string, pauseMs: number) => say(`  ${reason}; again in ${pauseMs / 1000} s`);

function sayStatements({ toApply, afterDeployment }: Plan): void {
  if (toApply.length === 0) say("-- nothing to apply");
  for (const { tag, mode, statements } of toApply) say(`-- ${tag} (${mode})\n${statements.join("\n")}\n`);
  sayWaiting(afterDeployment);
}

function sayDone({ toApply, afterDeployment }: Plan): void {
  say(toApply.length === 0 ? "nothing to apply" : `applied ${toApply.length}`);
  sayWaiting(afterDeployment);
}

function sayWaiting(migrations: Migration[]): void {
  for (const { tag } of migrations) say(`-- ${tag} waits for the deployment: --contract applies it`);
}

// A closed output pipe must not end a migration.
process.stdout.on("error", () => undefined);
await main().catch((error: Error) => {
  process.stderr.write(`db:migrate: ${error.message}\n`);
  process.exitCode = 1;
});

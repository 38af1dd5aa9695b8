import { type Context, Hono } from "hono";
import { DatabaseError, type Pool, type PoolClient } from "pg";
import { z } from "zod";
import { runStatement, type Statement } from "./run-statement.ts";
import { transactionMode } from "./transaction-mode.ts";

const statement = z.object({
  query: z.string(),
  params: z.array(z.unknown()).default([]),
  arrayMode: z.boolean().optional(),
});
const payload = z.union([statement, z.object({ queries: z.array(statement) })]);

/** What Neon tells of a PostgreSQL error; the client copies these onto the error that it throws. */
const ERROR_FIELDS = [
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "severity",
  "where",
  "table",
  "column",
  "schema",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

/** Neon's HTTP endpoint: one statement, or several in one transaction. */
export function sqlOverHttp(pool: Pool): Hono {
  return new Hono().post("/sql", async (c) => {
    if (!isConnectionString(c.req.header("neon-connection-string"))) {
      return c.json({ message: "the Neon-Connection-String header must be a postgresql:// URL with a user" }, 400);
    }
    const parsed = payload.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) return c.json({ message: "could not parse the body: { query, params } or { queries }" }, 400);
    const client = await pool.connect().catch(() => undefined);
    if (!client) return c.json({ message: "could not connect to the database" }, 500);
    try {
      const answer = await run(c, client, parsed.data);
      // A transaction that a statement left open must not wait for whoever comes next.
      client.release(client.getTransactionStatus() !== "I");
      return c.json(answer);
    } catch (error) {
      client.release(true);
      return answerError(c, error);
    }
  });
}

async function run(c: Context, client: PoolClient, body: z.infer<typeof payload>): Promise<unknown> {
  const rawText = c.req.header("neon-raw-text-output") === "true";
  const arrayMode = c.req.header("neon-array-mode") === "true";
  const asStatement = (s: z.infer<typeof statement>): Statement => ({ ...s, arrayMode: s.arrayMode ?? arrayMode });
  if (!("queries" in body)) return runStatement(client, asStatement(body), rawText);

  await client.query(`begin ${transactionMode((name) => c.req.header(name))}`);
  const results: unknown[] = [];
  for (const query of body.queries) results.push(await runStatement(client, asStatement(query), rawText));
  await client.query("commit");
  return { results };
}

function answerError(c: Context, error: unknown): Response {
  if (!(error instanceof Error)) throw error;
  const isDatabaseError = error instanceof DatabaseError;
  const fields = ERROR_FIELDS.map((field) => [field, isDatabaseError ? (error[field] ?? null) : null]);
  return c.json({ message: error.message, ...Object.fromEntries(fields) }, 400);
}

function isConnectionString(value: string | undefined): boolean {
  const url = value === undefined ? null : URL.parse(value);
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.username !== "";
}

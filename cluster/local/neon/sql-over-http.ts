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
export function sqlOverHttp(pool: Pool, connectionString: string): Hono {
  return new Hono().post("/sql", async (c) => {
    const caller = roleOf(c.req.header("neon-connection-string"));
    if (caller === undefined || caller !== roleOf(connectionString)) {
      return c.json({ message: "password authentication failed", code: "28P01", severity: "FATAL" }, 400);
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

/** Who a connection string speaks for, by which password; its parameters are the driver's own. */
function roleOf(connectionString = ""): string | undefined {
  const { protocol, username, password, pathname } = URL.parse(connectionString) ?? {};
  return protocol?.startsWith("postgres") && password ? [username, password, pathname].join(" ") : undefined;
}

function answerError(c: Context, error: unknown): Response {
  if (!(error instanceof Error)) throw error;
  const isDatabaseError = error instanceof DatabaseError;
  const fields = ERROR_FIELDS.map((field) => [field, isDatabaseError ? (error[field] ?? null) : null]);
  return c.json({ message: error.message, ...Object.fromEntries(fields) }, 400);
}

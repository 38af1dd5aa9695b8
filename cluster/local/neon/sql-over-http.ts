import { type Context, Hono } from "hono";
import type { FieldDef, Pool, PoolClient, QueryArrayConfig } from "pg";
import * as z from "zod";

const Statement = z.strictObject({ query: z.string(), params: z.array(z.unknown()) });
const Body = z.union([Statement, z.strictObject({ queries: z.array(Statement) })]);

/** A result in the shape of Neon's `/sql` endpoint, as text in arrays: the driver parses it and makes objects of it. */
interface Result {
  fields: FieldDef[];
  command: string;
  rowCount: number | null;
  rows: (string | null)[][];
  rowAsArray: true;
}

/** Neon's HTTP endpoint as its driver 1.x calls it: one statement, or several in one transaction. */
export function sqlOverHttp(pool: Pool, connectionString: string): Hono {
  return new Hono().post("/sql", async (c) => {
    const caller = roleOf(c.req.header("neon-connection-string"));
    if (caller === undefined || caller !== roleOf(connectionString)) {
      return c.json({ message: "password authentication failed", code: "28P01", severity: "FATAL" }, 400);
    }
    const body = Body.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success || !asksAsTheDriver(c)) {
      return c.json(
        { message: "this stand-in takes { query, params } or { queries }, answered as raw text in arrays" },
        400,
      );
    }
    const client = await pool.connect().catch(() => undefined);
    if (!client) return c.json({ message: "could not connect to the database" }, 500);
    try {
      return c.json(await run(client, body.data));
    } catch (error) {
      // PostgreSQL's fields are the error's own; the driver copies them onto the error that it throws.
      return c.json({ ...(error as Error), message: (error as Error).message }, 400);
    } finally {
      // Close what a statement or a failed batch left open before the next caller.
      client.release(client.getTransactionStatus() !== "I");
    }
  });
}

/** Transaction modes are headers too; the product uses none. */
function asksAsTheDriver(c: Context): boolean {
  const headers = c.req.header();
  const modes = Object.keys(headers).some((name) => name.startsWith("neon-batch-"));
  return headers["neon-raw-text-output"] === "true" && headers["neon-array-mode"] === "true" && !modes;
}

/** Who a connection string speaks for, by which password; its parameters are the driver's own. */
function roleOf(connectionString = ""): string | undefined {
  const { protocol, username, password, pathname } = URL.parse(connectionString) ?? {};
  return protocol?.startsWith("postgres") && password ? [username, password, pathname].join(" ") : undefined;
}

async function run(client: PoolClient, body: z.infer<typeof Body>): Promise<Result | { results: Result[] }> {
  if (!("queries" in body)) return runStatement(client, body);
  await client.query("begin");
  const results: Result[] = [];
  for (const statement of body.queries) results.push(await runStatement(client, statement));
  await client.query("commit");
  return { results };
}

interface ExtendedQuery extends QueryArrayConfig<unknown[]> {
  /** `pg` knows it, its types don't: one prepared statement even without parameters, so never two statements. */
  queryMode: "extended";
}

async function runStatement(client: PoolClient, { query, params }: z.infer<typeof Statement>): Promise<Result> {
  const types = { getTypeParser: () => (text: unknown) => text };
  const config: ExtendedQuery = { text: query, values: params, rowMode: "array", types, queryMode: "extended" };
  const { fields, command, rowCount, rows } = await client.query<(string | null)[]>(config);
  return { fields, command, rowCount, rows, rowAsArray: true };
}

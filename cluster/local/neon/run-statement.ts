import type { FieldDef, PoolClient, QueryArrayConfig } from "pg";
import { type RawText, toJson } from "./json-rows.ts";

export interface Statement {
  query: string;
  params: unknown[];
  arrayMode: boolean;
}

/** A result in the shape of Neon's `/sql` endpoint. */
export interface StatementResult {
  fields: FieldDef[];
  command: string;
  rowCount: number | null;
  rows: unknown[];
  rowAsArray: boolean;
}

interface ExtendedQuery extends QueryArrayConfig<unknown[]> {
  /** `pg` knows it, its types don't: one prepared statement even without parameters, so never two statements. */
  queryMode: "extended";
}

/** Values as PostgreSQL writes them: the vendor's client does the parsing. */
const AS_TEXT = { getTypeParser: () => (text: unknown) => text };

export async function runStatement(
  client: PoolClient,
  statement: Statement,
  rawText: boolean,
): Promise<StatementResult> {
  const config: ExtendedQuery = {
    text: statement.query,
    values: statement.params,
    rowMode: "array",
    types: AS_TEXT,
    queryMode: "extended",
  };
  const { fields, command, rowCount, rows } = await client.query<RawText[]>(config);
  const toRow = (row: RawText[]) => {
    const values = rawText ? row : row.map((value, i) => toJson(value, fields[i]?.dataTypeID ?? 0));
    return statement.arrayMode ? values : Object.fromEntries(values.map((value, i) => [fields[i]?.name, value]));
  };
  return { fields, command, rowCount, rows: rows.map(toRow), rowAsArray: statement.arrayMode };
}

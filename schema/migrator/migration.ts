import { createHash } from "node:crypto";

/**
 * How the statements of a migration run. `transaction`: all or none, each for five seconds at most. `statements`: each by
 * itself, for as long as it takes. `batches`: each again and again, in transactions of their own, until it changes no row.
 */
export type MigrationMode = "transaction" | "statements" | "batches";

export interface Migration {
  /** The file's name without `.sql`. */
  tag: string;
  /** SHA-256 of the file, hex, and drizzle-kit's timestamp, which identify it in the database. */
  hash: string;
  when: number;
  mode: MigrationMode;
  /** Removes what the previous program uses: run it after the deployment. */
  contract: boolean;
  statements: string[];
}

const BREAKPOINT = "--> statement-breakpoint";
/** `-- migrate: batches, contract` at the head of a file. */
const HEADER = /^-- migrate:(.*)$/gm;
const WORDS = new Set(["statements", "batches", "contract"]);

/** Reads a migration's text, as drizzle-kit separates its statements. */
export function parseMigration(tag: string, when: number, text: string): Migration {
  const words = [...text.matchAll(HEADER)].flatMap(([, list = ""]) => list.split(",").map((word) => word.trim()));
  const unknown = words.find((word) => !WORDS.has(word));
  if (unknown !== undefined) throw new Error(`${tag}: "-- migrate: ${unknown}" means nothing`);
  if (words.includes("statements") && words.includes("batches"))
    throw new Error(`${tag}: statements or batches, not both`);
  return {
    tag,
    when,
    hash: createHash("sha256").update(text).digest("hex"),
    mode: words.includes("statements") ? "statements" : words.includes("batches") ? "batches" : "transaction",
    contract: words.includes("contract"),
    statements: text
      .split(BREAKPOINT)
      .map((statement) => statement.trim())
      .filter((statement) => withoutComments(statement) !== ""),
  };
}

export const withoutComments = (statement: string): string => statement.replace(/--.*$/gm, "").trim();

import type * as z from "zod";

export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

/** A problem names the file and its missing or invalid fields, never a value, which may be a secret. */
export function parseInput<T>(file: string, contract: z.ZodType<T>, json: string): Parsed<T> {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    return { ok: false, problem: `${file} is not JSON` };
  }
  const { data, error } = contract.safeParse(content);
  if (!error) return { ok: true, value: data };
  const fields = new Set(error.issues.map(({ path }) => path.join(".") || "the document"));
  return { ok: false, problem: `${file}: missing or invalid: ${[...fields].join(", ")}` };
}

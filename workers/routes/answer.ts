/** An operation's successful answers. */
import type * as z from "zod";

export interface Answer<S = unknown> {
  status: number;
  description: string;
  /** The schema of a JSON body. */
  schema?: S;
  /** The media type of another body. */
  type?: string;
}

/** What a verb returns for it; anything if there is no body. */
export type Answered<S> = S extends z.ZodType ? z.output<S> : unknown;

export const json = <S extends z.ZodType>(description: string, schema: S, status = 200): Answer<S> => ({
  status,
  description,
  schema,
});

export const noContent = (description: string, status = 204): Answer<undefined> => ({
  status,
  description,
});

/** A page or a stream: the verb makes the Response. */
export const other = (type: string, description: string): Answer<never> => ({
  status: 200,
  description,
  type,
});

interface Rendered<S> {
  output: Answer<S> | readonly Answer<S>[];
  secret?: boolean;
  status?: (result: Answered<S>) => number;
  location?: (result: Answered<S>) => string | undefined;
}

export function render<S>({ output, secret, status, location }: Rendered<S>, result: Answered<S> | Response): Response {
  if (result instanceof Response) return result;
  const answers = [output].flat();
  const code = status?.(result) ?? answers[0]?.status ?? 200;
  const where = location?.(result);
  const headers = { ...(secret && NO_STORE), ...(where !== undefined && { location: where }) };
  if (answers.every(({ schema }) => !schema)) return new Response(null, { status: code, headers });
  return Response.json(result, { status: code, headers });
}

const NO_STORE = { "cache-control": "no-store" };

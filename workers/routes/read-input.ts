/** Checks a request's input: names all problems at once, and refuses unknown fields. */
import type { Context } from "hono";
import * as z from "zod";
import { AppError } from "#schema/domain/errors.ts";
import type { AppEnv } from "../http/app-env.ts";
import { fromZod } from "../http/problem.ts";
import { timely } from "../http/timely.ts";

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;
export type CamelKeys<T> = { [K in keyof T as CamelCase<K & string>]: T[K] };

/** The fields of a path's or query's schema, in camelCase. A body's keep their JSON names. */
export type Fields<S> = S extends z.ZodType ? CamelKeys<z.output<S>> : unknown;

const NOTHING = z.strictObject({});

interface Declared {
  params: z.ZodType;
  query?: z.ZodType | undefined;
  headers?: z.ZodType | undefined;
  body?: z.ZodType | undefined;
  octets?: object;
}

export async function readInput(c: Context<AppEnv>, declared: Declared): Promise<object> {
  const { query = NOTHING, headers, body = NOTHING.optional(), octets } = declared;
  const issues: z.core.$ZodIssue[] = [];
  const check = (schema: z.ZodType, value: unknown): object => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) issues.push(...parsed.error.issues);
    return Object(parsed.data);
  };
  const input = {
    ...camelKeys(check(declared.params, c.req.param())),
    ...camelKeys(check(query, queryOf(c))),
    ...(headers && camelKeys(check(headers, c.req.header()))),
    ...(!octets && check(body, await readJson(c))),
  };
  if (issues.length > 0) throw fromZod({ issues });
  return input;
}

/** A repeated parameter becomes a list, which no schema accepts. */
function queryOf(c: Context<AppEnv>): Record<string, string | string[] | undefined> {
  const all = Object.entries(c.req.queries());
  return Object.fromEntries(all.map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

async function readJson(c: Context<AppEnv>): Promise<unknown> {
  const text = await timely(c.req.text());
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("invalid_request", "The body is not valid JSON");
  }
}

function camelKeys(fields: object): object {
  const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [camel(name), value]));
}

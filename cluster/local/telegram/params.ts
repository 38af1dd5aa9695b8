import type { Context as HonoContext } from "hono";
import * as z from "zod";
import { ApiError, badRequest } from "./api-error.ts";

/** A call's parameters, from wherever they came, and the files in it. */
export interface Params {
  values: Record<string, unknown>;
  files: Map<string, File>;
}

/** Telegram's own limit for an upload. */
const LARGEST_BODY = 50 * 1024 * 1024;

/** Reads the query and a JSON, form or multipart body, which all mean the same. */
export async function readParams(c: HonoContext): Promise<Params> {
  const values: Record<string, unknown> = { ...c.req.query() };
  const files = new Map<string, File>();
  if (Number(c.req.header("content-length") ?? 0) > LARGEST_BODY) {
    throw new ApiError(413, "Request Entity Too Large");
  }
  const type = c.req.header("content-type") ?? "";
  if (type.includes("application/json")) Object.assign(values, await readJson(c.req.raw));
  else if (/form/.test(type)) {
    const form = await c.req.raw.formData().catch(() => new FormData());
    for (const [key, value] of form) {
      if (typeof value === "string") values[key] = value;
      else files.set(key, value);
    }
  }
  return { values, files };
}

async function readJson(request: Request): Promise<object> {
  const text = await request.text();
  const parsed = text.trim() === "" ? {} : parseJson(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw badRequest("can't parse request parameters as JSON object");
  }
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws ApiError 400 that names the parameter. */
export function take<Shape extends z.ZodType>(shape: Shape, { values }: Params): z.infer<Shape> {
  const parsed = shape.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`wrong parameter ${issue?.path.join(".") ?? ""} in request`);
}

/** Forms have only strings: "12" is 12, "true" is true, and "{…}" is an object. */
export const asInt = z.preprocess(
  (value) => (typeof value === "string" && value !== "" ? Number(value) : value),
  z.int(),
);
export const asBool = z.preprocess(
  (value) => (typeof value === "string" ? /^(true|1|yes)$/i.test(value) : value),
  z.coerce.boolean(),
);
export const asText = z.preprocess((value) => (typeof value === "number" ? String(value) : value), z.string());
export const asJson = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((value) => (typeof value === "string" ? parseJson(value) : value), shape);

/** The answer to "which chat": a number, or a public name. */
export const chatId = z.union([asInt, z.string()]).optional();

/** Trusts the shape: Telegram's types are many, and the parts that matter are checked where they are used. */
export const asEntities = asJson(z.array(z.looseObject({ type: z.string(), offset: z.int(), length: z.int() })));

import type { Context as HonoContext } from "hono";
import * as z from "zod";
import { badRequest } from "./api-error.ts";
import type { Context } from "./context.ts";
import type { BotRecord } from "./world.ts";

/** A call's parameters and files, from its query and a JSON, form or multipart body, which all mean the same. */
export async function readParams({ req }: HonoContext): Promise<Record<string, unknown>> {
  const isJson = req.header("content-type")?.includes("application/json");
  const body: unknown = await (isJson ? req.json() : req.parseBody()).catch(() => ({}));
  return { ...req.query(), ...(body as object) };
}

/** One call of a bot: who calls, with what, and whether it still listens. */
export interface Call {
  ctx: Context;
  bot: BotRecord;
  params: Record<string, unknown>;
  signal: AbortSignal;
}

/** Answers what Telegram answers as `result`. @throws ApiError */
type Method = (call: Call) => unknown;
export type Methods = Record<string, Method>;

/** A method whose parameters are checked before it runs: an error names the wrong one. */
export function method<Shape extends z.ZodType>(
  shape: Shape,
  run: (call: Call, params: z.infer<Shape>) => unknown,
): Method {
  return (call) => {
    const parsed = shape.safeParse(call.params);
    if (parsed.success) return run(call, parsed.data);
    throw badRequest(`wrong parameter ${parsed.error.issues[0]?.path.join(".") ?? ""} in request`);
  };
}

/** Forms have only strings: "12" is 12, "true" is true, and "{…}" is an object. */
export const asInt = z.coerce.number().int();
export const asBool = z.preprocess((value) => value === true || value === "true", z.boolean());
export const asJson = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((value) => (typeof value === "string" ? parseJson(value) : value), shape);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Anything but a number is an unknown chat: there are no public names here. */
export const chatId = asInt.catch(0);

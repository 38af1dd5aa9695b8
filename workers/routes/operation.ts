/**
 * Declares an operation of the edge's API: its path, audience, input, output and verb. Requests are checked against
 * this declaration, and `/openapi.json` is made from it.
 */
import type { Context, MiddlewareHandler } from "hono";
import type * as z from "zod";
import type { OperatorScope } from "#schema/domain/operator-scopes.ts";
import type { Ctx } from "../context.ts";
import type { AppEnv } from "../http/app-env.ts";
import { bodyLimit, jsonOnly } from "../http/guards.ts";
import { idempotent } from "../http/idempotent.ts";
import { requireScope } from "../services/access.ts";
import { type Answer, type Answered, render } from "./answer.ts";
import { AUDIENCES, type Audience, authenticate, type Claims } from "./audiences.ts";
import { type PathParams, paramsOf } from "./path-params.ts";
import { type CamelKeys, type Fields, readInput } from "./read-input.ts";

type Schema = z.ZodType | undefined;

/** An operation without its verb. */
export interface Description {
  method: "get" | "post" | "put";
  /** Each `{name}` in it is one of PATH_PARAMS. */
  path: string;
  audience: Audience;
  /** Its group in the document, for audiences with many operations. */
  tag?: string;
  summary: string;
  description?: string;
  /** The scope that an operator's key needs. */
  scope?: OperatorScope;
  query?: Schema;
  headers?: Schema;
  /** JSON. Unknown fields are refused. */
  body?: Schema;
  /** The body is at most this many bytes, which the verb reads from the request. */
  octets?: { min: number; max: number };
  /** Honours `Idempotency-Key`. */
  idempotent?: boolean;
  /** The answer holds a secret: nothing may store it. */
  secret?: boolean;
  /** All successful answers; the first is the usual one. */
  output: Answer | readonly Answer[];
  location?: unknown;
}

type Input<A extends Audience, P extends string, Q, H, B> = CamelKeys<PathParams<P>> &
  Fields<Q> &
  Fields<H> &
  (B extends z.ZodType ? z.output<B> : unknown) &
  Claims[A];

interface Declaration<A extends Audience, P extends string, O, Q extends Schema, H extends Schema, B extends Schema>
  extends Description {
  audience: A;
  path: P;
  query?: Q;
  headers?: H;
  body?: B;
  output: Answer<O> | readonly Answer<O>[];
  /** Which of the answers it is. */
  status?: (result: Answered<O>) => number;
  /** The URL of what was created or is in progress. */
  location?: (result: Answered<O>) => string | undefined;
  /** Its result is sent as JSON; for any other answer it returns a Response. */
  verb: (call: {
    ctx: Ctx;
    input: Input<A, P, Q, H, B>;
    request: Request;
  }) => Promise<Answered<O> | Response> | Answered<O> | Response;
}

export interface Operation {
  description: Description;
  handlers: MiddlewareHandler<AppEnv>[];
}

export function operation<
  A extends Audience,
  const P extends string,
  O,
  Q extends Schema = undefined,
  H extends Schema = undefined,
  B extends Schema = undefined,
>(declaration: Declaration<A, P, O, Q, H, B>): Operation {
  const { audience, scope, octets, verb } = declaration;
  const declared = { ...declaration, params: paramsOf(declaration.path) };
  const handlers: MiddlewareHandler<AppEnv>[] = [authenticate(audience)];
  if (scope) handlers.push(scoped(scope));
  handlers.push(bodyLimit(octets?.max ?? AUDIENCES[audience].maxBody));
  if (!octets) handlers.push(jsonOnly());
  if (declaration.idempotent) handlers.push(idempotent());
  handlers.push(async (c: Context<AppEnv>) => {
    const input = { ...(await readInput(c, declared)), ...c.var.claims } as Input<A, P, Q, H, B>;
    return render(declaration, await verb({ ctx: c.var.ctx, input, request: c.req.raw }));
  });
  return { description: declaration, handlers };
}

/** The verb checks the scope itself; here it is checked before the body is read. */
const scoped =
  (scope: OperatorScope): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    requireScope(c.var.ctx, scope);
    await next();
  };

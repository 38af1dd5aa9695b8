/** Operators: proxy tokens. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import {
  CreatedToken,
  CreateTokenRequest,
  LookupTokenRequest,
  RotatedToken,
  RotateTokenRequest,
  Token,
  TokenList,
} from "#schema/contracts/tokens.ts";
import { TOKEN_STATUSES } from "#schema/domain/states.ts";
import { idempotent } from "../../http/idempotent.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { createToken } from "../../services/tokens/create.ts";
import { getToken } from "../../services/tokens/get.ts";
import { listTokens } from "../../services/tokens/list.ts";
import { lookupToken } from "../../services/tokens/lookup.ts";
import { revokeToken } from "../../services/tokens/revoke.ts";
import { rotateToken } from "../../services/tokens/rotate.ts";
import { common, IdempotencyKey, jsonAnswer, jsonBody, TokenId } from "./operation.ts";
import { createRouter } from "./router.ts";

const reading = [requireScope("tokens:read")];
const writing = [requireScope("tokens:write")];
const repeatable = [...writing, idempotent()];
/** No cache on the way keeps an answer with a token, and nor do we. */
const SECRET = { "cache-control": "no-store" };
const { security, problems } = common;
const tags = ["Tokens"];

const create = createRoute({
  method: "post",
  path: "/internal/tokens",
  summary: "Make a token for a customer's own programs",
  description:
    "The answer is the only one that ever holds the token (`value`). Where it was lost, the request repeated with its " +
    "Idempotency-Key holds it again, for ten minutes; later `value` is null: rotate the token.",
  tags,
  security,
  middleware: repeatable,
  request: { headers: IdempotencyKey, ...jsonBody(CreateTokenRequest) },
  responses: { 201: jsonAnswer("The token, with its value", CreatedToken), ...problems },
});

const list = createRoute({
  method: "get",
  path: "/internal/tokens",
  summary: "List tokens, newest first",
  tags,
  security,
  middleware: reading,
  request: {
    query: z.object({
      customer_id: z.uuid().optional(),
      box_id: z.uuid().optional(),
      email: z.string().max(254).optional(),
      status: z.enum(TOKEN_STATUSES).optional(),
      cursor: z.string().max(200).optional(),
    }),
  },
  responses: { 200: jsonAnswer("A page of tokens", TokenList), ...problems },
});

const get = createRoute({
  method: "get",
  path: "/internal/tokens/{token_id}",
  summary: "One token",
  tags,
  security,
  middleware: reading,
  request: { params: TokenId },
  responses: { 200: jsonAnswer("The token, without its value", Token), ...problems },
});

const rotate = createRoute({
  method: "post",
  path: "/internal/tokens/{token_id}/rotate",
  summary: "Put a new token in the place of an active one",
  description:
    "The old token goes on working for `overlap_seconds` (a day unless told; 0: not at all). A box's new token is told to " +
    "its pod only, by a job, and the old one ends five minutes after the box has it, if that is sooner.",
  tags,
  security,
  middleware: repeatable,
  request: { headers: IdempotencyKey, params: TokenId, body: { content: jsonBody(RotateTokenRequest).body.content } },
  responses: {
    200: jsonAnswer("A customer's own token: the new one, with its value", RotatedToken),
    202: jsonAnswer("A box's token: the job brings the new one to its pod", RotatedToken),
    ...problems,
  },
});

const revoke = createRoute({
  method: "post",
  path: "/internal/tokens/{token_id}/revoke",
  summary: "End a token, at once and for good",
  description:
    "No request starts after the answer; streams under way end within seconds. May be repeated, and must be after a 503. " +
    "The active token of a box is rotated instead, with `overlap_seconds` 0.",
  tags,
  security,
  middleware: writing,
  request: { params: TokenId },
  responses: { 200: jsonAnswer("The token as it is now", Token), ...problems },
});

const lookup = createRoute({
  method: "post",
  path: "/internal/tokens/lookup",
  summary: "Whose token a leaked value is",
  tags,
  security,
  middleware: reading,
  request: jsonBody(LookupTokenRequest),
  responses: { 200: jsonAnswer("The token", Token), ...problems },
});

export const tokenRoutes = createRouter();

tokenRoutes.openapi(create, async (c) => {
  const made = await createToken({ ctx: c.var.ctx, input: c.req.valid("json") });
  return c.json(made, 201, { location: `/internal/tokens/${made.token.id}`, ...SECRET });
});
tokenRoutes.openapi(list, async (c) => {
  const { customer_id: customerId, box_id: boxId, ...filter } = c.req.valid("query");
  return c.json(await listTokens({ ctx: c.var.ctx, input: { ...filter, customerId, boxId } }), 200);
});
tokenRoutes.openapi(lookup, async (c) =>
  c.json(await lookupToken({ ctx: c.var.ctx, input: c.req.valid("json") }), 200),
);
tokenRoutes.openapi(get, async (c) => {
  const { token_id: tokenId } = c.req.valid("param");
  return c.json(await getToken({ ctx: c.var.ctx, input: { tokenId } }), 200);
});
tokenRoutes.openapi(rotate, async (c) => {
  const { overlap_seconds: overlapSeconds } = RotateTokenRequest.parse(c.req.valid("json"));
  const { token_id: tokenId } = c.req.valid("param");
  const rotated = await rotateToken({ ctx: c.var.ctx, input: { tokenId, overlapSeconds } });
  if (!rotated.job) return c.json(rotated, 200, SECRET);
  return c.json(rotated, 202, { location: `/internal/jobs/${rotated.job.id}` });
});
tokenRoutes.openapi(revoke, async (c) => {
  const { token_id: tokenId } = c.req.valid("param");
  return c.json(await revokeToken({ ctx: c.var.ctx, input: { tokenId } }), 200);
});

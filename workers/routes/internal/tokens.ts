/** Operators: proxy tokens. */
import * as z from "zod";
import { storable, timeCursor } from "#schema/contracts/parts.ts";
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
import { createToken } from "../../services/tokens/create.ts";
import { getToken } from "../../services/tokens/get.ts";
import { listTokens } from "../../services/tokens/list.ts";
import { lookupToken } from "../../services/tokens/lookup.ts";
import { revokeToken } from "../../services/tokens/revoke.ts";
import { rotateToken } from "../../services/tokens/rotate.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";
import { jobLocation } from "./accepted.ts";

const reading = { audience: "operator", tag: "Tokens", scope: "tokens:read", method: "get" } as const;
const writing = { ...reading, scope: "tokens:write", method: "post" } as const;

export const tokenOperations = [
  operation({
    ...writing,
    path: "/internal/tokens",
    summary: "Create a token for a customer's own programs",
    description:
      "Only this answer holds the token (`value`). If it was lost, repeating the request with its " +
      "Idempotency-Key returns it again for ten minutes; after that `value` is null: rotate the token.",
    idempotent: true,
    secret: true,
    body: CreateTokenRequest,
    output: json("The token, with its value", CreatedToken, 201),
    location: ({ token }) => `/internal/tokens/${token.id}`,
    verb: createToken,
  }),
  operation({
    ...reading,
    path: "/internal/tokens",
    summary: "List tokens, newest first",
    query: z.strictObject({
      customer_id: z.uuid().optional(),
      box_id: z.uuid().optional(),
      email: storable(254).optional(),
      status: z.enum(TOKEN_STATUSES).optional(),
      cursor: timeCursor.optional(),
    }),
    output: json("A page of tokens", TokenList),
    verb: listTokens,
  }),
  operation({
    ...reading,
    path: "/internal/tokens/{token_id}",
    summary: "One token",
    output: json("The token, without its value", Token),
    verb: getToken,
  }),
  operation({
    ...writing,
    path: "/internal/tokens/{token_id}/rotate",
    summary: "Replace an active token",
    description:
      "The old token keeps working for `overlap_seconds` (default: a day; 0: not at all). A box's new token goes to " +
      "its pod only, through a job, and the old one ends five minutes after the box has it, if that is sooner.",
    idempotent: true,
    secret: true,
    body: RotateTokenRequest.prefault({}),
    output: [
      json("A customer's own token: the new one, with its value", RotatedToken),
      json("A box's token: the job brings the new one to its pod", RotatedToken, 202),
    ],
    status: ({ job }) => (job ? 202 : 200),
    location: ({ job }) => (job ? jobLocation({ job }) : undefined),
    verb: ({ ctx, input: { tokenId, overlap_seconds } }) =>
      rotateToken({ ctx, input: { tokenId, overlapSeconds: overlap_seconds } }),
  }),
  operation({
    ...writing,
    path: "/internal/tokens/{token_id}/revoke",
    summary: "Revoke a token, at once and permanently",
    description:
      "No request starts after the answer; running streams end within seconds. Repeat it after a 503. " +
      "A box's active token can't be revoked: rotate it with `overlap_seconds` 0.",
    output: json("The token", Token),
    verb: revokeToken,
  }),
  operation({
    ...reading,
    method: "post",
    path: "/internal/tokens/lookup",
    summary: "Find the owner of a leaked token",
    body: LookupTokenRequest,
    output: json("The token", Token),
    verb: lookupToken,
  }),
];

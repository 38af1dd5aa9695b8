/**
 * Operators and proxy tokens: `/internal/tokens`. A token's value is in the answer that made it only, and in that one
 * repeated; a box's token is in none, since only its pod needs it.
 */
import * as z from "zod";
import { isWellFormed } from "#schema/domain/proxy-token.ts";
import { TOKEN_SCOPES, TOKEN_STATUSES, WHEN_SPENT } from "#schema/domain/states.ts";
import { Job } from "./internal.ts";
import { email, text, time, words } from "./parts.ts";

const DAY_S = 86_400;

export const CreateTokenRequest = z
  .strictObject({
    customer_id: z.uuid().optional(),
    customer_email: email.toLowerCase().optional(),
    label: words(100),
    scopes: z
      .array(z.enum(TOKEN_SCOPES))
      .min(1)
      .max(TOKEN_SCOPES.length, { abort: true })
      .refine((scopes) => new Set(scopes).size === scopes.length, "names a scope twice")
      .meta({ uniqueItems: true })
      .default(["llm"]),
    when_spent: z.enum(WHEN_SPENT).default("error"),
    /** The token works until then; null: until it is revoked. */
    expires_at: text(40)
      .check(z.iso.datetime({ offset: true }))
      .nullable()
      .default(null),
  })
  .refine((request) => (request.customer_id === undefined) !== (request.customer_email === undefined), {
    path: ["customer_id"],
    message: "must have either customer_id or customer_email",
  })
  .meta({ id: "CreateTokenRequest", oneOf: [{ required: ["customer_id"] }, { required: ["customer_email"] }] });
export type CreateTokenRequest = z.infer<typeof CreateTokenRequest>;

export const RotateTokenRequest = z
  .strictObject({
    /** How long the old token keeps working. 0: not at all. */
    overlap_seconds: z
      .int()
      .min(0)
      .max(7 * DAY_S)
      .default(DAY_S),
  })
  .meta({ id: "RotateTokenRequest" });
export type RotateTokenRequest = z.infer<typeof RotateTokenRequest>;

export const LookupTokenRequest = z
  .strictObject({
    token: text(300)
      .trim()
      .refine(isWellFormed, "is not a complete openclaw-cloud token: copy all of it, from ocp_ to the last character"),
  })
  .meta({ id: "LookupTokenRequest" });
export type LookupTokenRequest = z.infer<typeof LookupTokenRequest>;

export const Token = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    customer_email: z.string().nullable(),
    /** Null for a token that an operator made. */
    box_id: z.uuid().nullable(),
    label: z.string().nullable(),
    last4: z.string(),
    scopes: z.array(z.string()),
    when_spent: z.enum(WHEN_SPENT),
    status: z.enum(TOKEN_STATUSES),
    created_at: time,
    expires_at: time.nullable(),
    revoked_at: time.nullable(),
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof Token>;

/** `value` is the token itself, in this answer only. Null if the request is repeated after more than ten minutes. */
export const CreatedToken = z.object({ token: Token, value: z.string().nullable() }).meta({ id: "CreatedToken" });
export type CreatedToken = z.infer<typeof CreatedToken>;

/** For a box's token `value` is null, and `job` brings the new one to its pod. */
export const RotatedToken = z
  .object({ token: Token, value: z.string().nullable(), replaced: Token, job: Job.nullable() })
  .meta({ id: "RotatedToken" });
export type RotatedToken = z.infer<typeof RotatedToken>;

export const TokenList = z.object({ tokens: z.array(Token), next_cursor: z.string().nullable() }).meta({
  id: "TokenList",
});
export type TokenList = z.infer<typeof TokenList>;

import { and, count, eq, gt, isNull, ne, or, sql } from "drizzle-orm";
import type { CreatedToken, CreateTokenRequest } from "#schema/contracts/tokens.ts";
import { customers, proxyTokens } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import type { Call, Ctx } from "../../context.ts";
import { requireScope } from "../access.ts";
import { syncMeter } from "../boxes/sync-meter.ts";
import { customerBy } from "../customers/customer-by.ts";
import { idFor, keyFrom, once } from "../idempotency/once.ts";
import { auditFrom, moment } from "../sql.ts";
import { loadToken } from "./load.ts";
import { valueAgain } from "./value-again.ts";
import { selectTokens, viewToken } from "./view-token.ts";

/** A customer's meter holds all tokens in memory. Two simultaneous requests may exceed this by one. */
export const MAX_LIVE_TOKENS = 100;

/** A token for a customer's own programs. Throws `not_found` (the customer), `invalid_request`, `conflict` (too many tokens). */
export async function createToken(call: Call<CreateTokenRequest>): Promise<CreatedToken> {
  requireScope(call.ctx, "tokens:write");
  return once(call, create, createdAgain);
}

async function createdAgain({ ctx }: { ctx: Ctx }): Promise<CreatedToken> {
  const row = await loadToken(ctx, await idFor(ctx, "token"));
  return { token: viewToken(row), value: await valueAgain(ctx, row.token) };
}

async function create({ ctx, input }: Call<CreateTokenRequest>): Promise<CreatedToken> {
  refusePast(ctx, input.expires_at);
  const customerId = await findCustomer(ctx, input);
  const id = await idFor(ctx, "token");
  const made = await deriveToken(await ctx.tokenKeys, customerId, id);
  const now = moment(ctx.now());
  const detail = { label: input.label, scopes: input.scopes.join(" "), expires_at: input.expires_at };
  const [, rows] = await ctx.db.batch([
    ctx.db.execute(sql`with made as (
      insert into proxy_tokens (id, customer_id, label, token_hash, last4, scopes, when_spent, created_at, expires_at)
      select ${id}::uuid, id, ${input.label}, ${made.hash}, ${made.last4}, string_to_array(${input.scopes.join(" ")}, ' '),
        ${input.when_spent}, ${now}, ${input.expires_at}::timestamptz
      from customers where id = ${customerId} and deleted_at is null returning id
    ), key as (${keyFrom(ctx, sql`made`)}), audit as (${auditFrom(ctx, sql`made`, "token.create", sql`id::text`, detail)})
    select id from made`),
    selectTokens(ctx).where(eq(proxyTokens.id, id)),
  ]);
  const [row] = rows;
  if (!row) throw noSuchCustomer();
  ctx.log.set({ token_id: id, customer_id: customerId });
  await syncMeter(ctx, customerId);
  return { token: viewToken(row), value: made.token };
}

async function findCustomer(ctx: Ctx, { customer_id, customer_email }: CreateTokenRequest): Promise<string> {
  const named = eq(customers.id, customer_id ?? customerBy("email", customer_email ?? ""));
  const alive = or(isNull(proxyTokens.expiresAt), gt(proxyTokens.expiresAt, ctx.now()));
  const [customer] = await ctx.db
    .select({ id: customers.id, live: count(proxyTokens.id) })
    .from(customers)
    .leftJoin(proxyTokens, and(eq(proxyTokens.customerId, customers.id), ne(proxyTokens.status, "revoked"), alive))
    .where(and(named, isNull(customers.deletedAt)))
    .groupBy(customers.id);
  if (!customer) throw noSuchCustomer();
  if (customer.live >= MAX_LIVE_TOKENS) {
    throw new AppError("conflict", `This customer has ${customer.live} tokens: revoke unused ones first`);
  }
  return customer.id;
}

function refusePast(ctx: Ctx, expiresAt: string | null): void {
  if (expiresAt === null || new Date(expiresAt) > ctx.now()) return;
  throw new AppError("invalid_request", "The token would expire before it is created", {
    fields: [{ pointer: "/expires_at", detail: "must be in the future" }],
  });
}

const noSuchCustomer = (): AppError => new AppError("not_found", "There is no such customer");

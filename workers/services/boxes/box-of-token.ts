import { sql } from "drizzle-orm";
import { AppError } from "#schema/domain/errors.ts";
import { readToken } from "#schema/domain/proxy-token.ts";
import type { Ctx } from "../../context.ts";

/** The box that a token of the token proxy is for. Throws `unauthorized` for any other token. */
export async function boxOfToken(ctx: Ctx, token: string | undefined): Promise<string> {
  const read = token === undefined ? undefined : await readToken(await ctx.tokenKeys, token);
  const { rows } = read
    ? await ctx.db.execute<{ box_id: string }>(sql`select t.box_id from proxy_tokens t join boxes b on b.id = t.box_id
        where t.token_hash = ${read.hash} and t.status <> 'revoked' and (t.expires_at is null or t.expires_at > ${ctx.now().toISOString()}::timestamptz)
          and b.status <> 'destroyed'`)
    : { rows: [] };
  const [found] = rows;
  if (!found) throw new AppError("unauthorized", "Send the box's token as Authorization: Bearer <token>");
  return found.box_id;
}

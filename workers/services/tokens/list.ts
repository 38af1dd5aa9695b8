import { and, eq, type SQL } from "drizzle-orm";
import type { TokenList } from "#schema/contracts/tokens.ts";
import { proxyTokens } from "#schema/db/schema.ts";
import type { TokenStatus } from "#schema/domain/states.ts";
import type { Call } from "../../context.ts";
import { customerBy } from "../customers/customer-by.ts";
import { cursorOf, newestFirst, PAGE_SIZE } from "../newest-first.ts";
import { selectTokens, viewToken } from "./view-token.ts";

export interface TokenFilter {
  customerId?: string | undefined;
  boxId?: string | undefined;
  email?: string | undefined;
  status?: TokenStatus | undefined;
  cursor?: string | undefined;
}

const { order, after } = newestFirst(proxyTokens);

/** Newest first. */
export async function listTokens({ ctx, input }: Call<TokenFilter>): Promise<TokenList> {
  const rows = await selectTokens(ctx)
    .where(and(...conditions(input)))
    .orderBy(...order)
    .limit(PAGE_SIZE + 1);
  const page = rows.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return { tokens: page.map(viewToken), next_cursor: rows.length > PAGE_SIZE && last ? cursorOf(last.token) : null };
}

function conditions(filter: TokenFilter): SQL[] {
  return [
    filter.customerId && eq(proxyTokens.customerId, filter.customerId),
    filter.boxId && eq(proxyTokens.boxId, filter.boxId),
    filter.email && eq(proxyTokens.customerId, customerBy("email", filter.email)),
    filter.status && eq(proxyTokens.status, filter.status),
    filter.cursor && after(filter.cursor),
  ].filter((condition) => typeof condition === "object");
}

import type { Token } from "#schema/contracts/tokens.ts";
import type { Ctx } from "../../context.ts";
import { loadToken } from "./load.ts";
import { viewToken } from "./view-token.ts";

/** Throws `not_found`. */
export async function getToken({ ctx, input }: { ctx: Ctx; input: { tokenId: string } }): Promise<Token> {
  return viewToken(await loadToken(ctx, input.tokenId));
}

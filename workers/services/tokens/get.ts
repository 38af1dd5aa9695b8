import type { Token } from "#schema/contracts/tokens.ts";
import type { Call } from "../../context.ts";
import { loadToken } from "./load.ts";
import { viewToken } from "./view-token.ts";

/** Throws `not_found`. */
export async function getToken({ ctx, input }: Call<{ tokenId: string }>): Promise<Token> {
  return viewToken(await loadToken(ctx, input.tokenId));
}

import { importTokenKey, type TokenKeys } from "#schema/domain/proxy-token.ts";
import type { Config } from "../config.ts";

export async function importTokenKeys(
  config: Pick<Config, "TOKEN_KEY_CURRENT" | "TOKEN_KEY_PREVIOUS">,
): Promise<TokenKeys> {
  const current = await importTokenKey(config.TOKEN_KEY_CURRENT);
  if (!config.TOKEN_KEY_PREVIOUS) return { current };
  return { current, previous: await importTokenKey(config.TOKEN_KEY_PREVIOUS) };
}

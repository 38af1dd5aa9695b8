import type { Usage } from "../../contracts/meter.ts";

/** Cached input counts in full: docs/decisions/004-cached-tokens.md. */
export const chargedTokens = (usage: Usage): number => usage.inputTokens + usage.outputTokens;

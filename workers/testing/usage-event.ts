import type { UsageEvent } from "../contracts/meter.ts";

/** An event of the ledger, of nobody in particular: with what a test cares about replaced. */
export const usageEvent = (changes: Partial<UsageEvent> = {}): UsageEvent => ({
  id: crypto.randomUUID(),
  occurredAt: 1,
  customerId: "customer",
  tokenId: crypto.randomUUID(),
  boxId: null,
  periodStart: 1,
  periodEnd: 2,
  model: "kimi-coding/k2p5",
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 1,
  estimated: false,
  outcome: "completed",
  ...changes,
});

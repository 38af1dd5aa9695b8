/** The tier table in the words of a price list. Every figure comes from `schema/domain/tiers`. */
import { TIER_IDS, TIERS, type Tier, type TierId } from "#schema/domain/tiers.ts";

/**
 * Tokens of one exchange with an OpenClaw agent: 15 to 17 thousand of instructions, tools and history go to the
 * model with each message (measured on 2026.9.6), before anything is taken from the provider's cache.
 */
export const TOKENS_PER_EXCHANGE = 16_000;

export type PlanFigures = ReturnType<typeof planFigures>;

const whole = new Intl.NumberFormat("en-US");
const short = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

export const dollars = (cents: number): string => `$${short.format(cents / 100)}`;
const gib = (mi: number): string => `${short.format(mi / 1024)} GiB`;
const cores = (milli: number): string => `${short.format(milli / 1000)} ${milli > 1000 ? "cores" : "core"}`;

/** Cautious: rounded down to tens, or to two digits. */
function exchangesOf(tokens: number): string {
  const exact = Math.floor(tokens / TOKENS_PER_EXCHANGE);
  const step = 10 ** Math.max(1, String(exact).length - 2);
  return whole.format(Math.floor(exact / step) * step);
}

export function planFigures(id: TierId) {
  const tier: Tier = TIERS[id];
  return {
    id,
    name: tier.name,
    price: dollars(tier.priceCents),
    tokens: whole.format(tier.monthlyTokens),
    exchanges: exchangesOf(tier.monthlyTokens),
    memory: gib(tier.memory.limitMi),
    memoryRequested: gib(tier.memory.requestMi),
    cpu: cores(tier.cpu.limitMilli),
    cpuRequested: cores(tier.cpu.requestMilli),
    volume: `${tier.volumeGi} GiB`,
    people: tier.telegramUsers === 1 ? "1 person" : `up to ${tier.telegramUsers} people`,
    connections: `${tier.connections}`,
    ownSystemPrompt: tier.ownSystemPrompt,
  };
}

export const PLANS: readonly PlanFigures[] = TIER_IDS.map(planFigures);

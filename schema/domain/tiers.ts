/** The three plans: one table that the API, the fleet-agent, the site and the prices all read. */

export interface Tier {
  /** Shown to customers. */
  name: string;
  /** US cents per month. */
  priceCents: number;
  /** Tokens (input + output) a customer may use in one billing period. */
  monthlyTokens: number;
  /** Thousandths of a core. */
  cpu: { requestMilli: number; limitMilli: number };
  /** MiB. */
  memory: { requestMi: number; limitMi: number };
  /** GiB of the volume that holds the agent's memory. */
  volumeGi: number;
  /** How many Telegram accounts may talk to the agent. */
  telegramUsers: number;
  connections: number;
  ownSystemPrompt: boolean;
  /** Upper bound of the output tokens that one model request may ask for. */
  maxOutputTokens: number;
}

/**
 * Memory: OpenClaw restarts at 1 GiB within some turns (its JavaScript heap runs out); at 1.5 GiB it held forty
 * turns at a peak of 1,108 MiB. See docs/decisions/003-memory-limits.md.
 */
export const TIERS = {
  starter: {
    name: "Starter",
    priceCents: 1_900,
    monthlyTokens: 1_000_000,
    cpu: { requestMilli: 250, limitMilli: 1_000 },
    memory: { requestMi: 512, limitMi: 1_536 },
    volumeGi: 2,
    telegramUsers: 1,
    connections: 2,
    ownSystemPrompt: false,
    maxOutputTokens: 32_768,
  },
  pro: {
    name: "Pro",
    priceCents: 4_900,
    monthlyTokens: 5_000_000,
    cpu: { requestMilli: 500, limitMilli: 2_000 },
    memory: { requestMi: 512, limitMi: 1_536 },
    volumeGi: 5,
    telegramUsers: 1,
    connections: 5,
    ownSystemPrompt: true,
    maxOutputTokens: 32_768,
  },
  team: {
    name: "Team",
    priceCents: 12_900,
    monthlyTokens: 20_000_000,
    cpu: { requestMilli: 1_000, limitMilli: 4_000 },
    memory: { requestMi: 1_024, limitMi: 2_048 },
    volumeGi: 10,
    telegramUsers: 10,
    connections: 15,
    ownSystemPrompt: true,
    maxOutputTokens: 32_768,
  },
} as const satisfies Record<string, Tier>;

export type TierId = keyof typeof TIERS;

export const TIER_IDS = ["starter", "pro", "team"] as const satisfies readonly TierId[];

/** Token-proxy requests per second and burst, the same for every plan. */
export const RATE_LIMIT = { requestsPerSecond: 10, burst: 20 } as const;

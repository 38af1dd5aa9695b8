import type { Stack } from "#cluster/local/stack.ts";
import { Pool, type PoolTier } from "#schema/contracts/pool.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import type { Operator } from "./operator.ts";
import { until } from "./until.ts";

/** A cluster's warm pool as an operator sees and sets it. */
export class WarmPool {
  readonly #operator: Operator;
  readonly #path: string;

  constructor(operator: Operator, cluster = "local") {
    this.#operator = operator;
    this.#path = `/internal/clusters/${cluster}/pool`;
  }

  async all(): Promise<Pool> {
    return this.#answer(await this.#operator.send("GET", this.#path));
  }

  async resize(sizes: Partial<Record<TierId, number>>): Promise<Pool> {
    return this.#answer(await this.#operator.send("PUT", this.#path, sizes));
  }

  async tier(tier: TierId): Promise<PoolTier> {
    const one = (await this.all()).tiers.find((candidate) => candidate.tier === tier);
    if (!one) throw new Error(`no tier ${tier}`);
    return one;
  }

  /** The pool of a tier once as many boxes are ready as there should be, and nothing else is under way. */
  full(tier: TierId, timeoutMs = 240_000): Promise<PoolTier> {
    const isFull = ({ size, ready, boxes }: PoolTier) => ready === size && boxes.length === size;
    return until(
      `the pool of ${tier} to be full`,
      async () => {
        const now = await this.tier(tier);
        return isFull(now) && now;
      },
      timeoutMs,
    );
  }

  async #answer(response: Response): Promise<Pool> {
    if (!response.ok) throw new Error(`${this.#path}: ${response.status} ${await response.text()}`);
    return Pool.parse(await response.json());
  }
}

/** When this bot asked Telegram for messages for the first time (ms since the epoch). */
export const firstPoll = ({ services }: Stack, bot: string, timeoutMs = 60_000): Promise<number> =>
  until(
    `@${bot} to ask for messages`,
    () => {
      const poller = services.telegram.pollers().find((one) => one.bot === bot);
      return poller && Date.parse(poller.lastPollAt);
    },
    timeoutMs,
  );

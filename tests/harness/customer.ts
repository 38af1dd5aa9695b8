import type { ClusterStack } from "./cluster.ts";

/** The Telegram account of the suite's people. */
const USER = 1_001;

/** A person with a bot of their own. */
export class Customer {
  readonly username: string;
  /** What an operator types to make them a box. */
  readonly order: Record<string, unknown>;
  readonly #cluster: ClusterStack;

  constructor(cluster: ClusterStack, name: string, tier = "starter") {
    const bot = cluster.stack.services.telegram.createBot({ username: `${name}_bot`, name });
    this.#cluster = cluster;
    this.username = bot.username;
    this.order = {
      customer_email: `${name}@example.com`,
      telegram_bot_token: bot.token,
      telegram_user_id: USER,
      tier,
    };
  }

  /** What their agent answers. */
  async says(text: string): Promise<string> {
    const { telegram } = this.#cluster.stack.services;
    const sent = telegram.sendAsUser({ userId: USER, bot: this.username, text });
    const after = sent.message_id;
    const reply = await telegram.waitForReply({ userId: USER, bot: this.username, after, timeoutMs: 120_000 });
    return reply.text ?? "";
  }
}

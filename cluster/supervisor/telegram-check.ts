import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { withoutSlash } from "#schema/domain/urls.ts";
import type { Failing } from "./trouble.ts";

type Channel = BoxConfig["telegram"];

/** What Telegram says about the bot's token. OpenClaw's own probe takes a Telegram that fails for one that works. */
export type Verdict = "accepted" | "refused" | "unreachable";

export interface TelegramCheck {
  /** A bot was applied, perhaps the same one. */
  onApplied(channel: Channel): void;
  /** What the gateway prints. */
  onLine(line: string): void;
  /** Why messages don't get through; null if they do, or if there is no bot. */
  trouble(): Failing | null;
  /** Whether Telegram has yet to say something about this bot. */
  isPending(): boolean;
  stop(): void;
}

export interface CheckOptions {
  ask?: (channel: Channel) => Promise<Verdict>;
  now?: () => number;
  everyMs?: number;
  againMs?: number;
}

const EVERY_MS = 30_000;
const AGAIN_MS = 3_000;
/** One lost answer is no outage. */
const MISSES = 2;
/** OpenClaw asks again within this time, once it has begun to. */
const QUIET_MS = 15_000;

/** OpenClaw's lines of a channel that it gives up, of one that another program uses, and of the next try. */
const REFUSED = /\[telegram\].*channel exited: .*unauthorized/i;
const CONFLICT = /\[telegram\].*getUpdates conflict/;
const TRIES = /\[telegram\].*polling ingress started/;

const TROUBLES = {
  refused: { code: "bot_token_refused", words: "Telegram refuses the bot's token (401)" },
  elsewhere: {
    code: "bot_polled_elsewhere",
    words: "another program asks Telegram for this bot's messages (409)",
  },
  unreachable: { code: "telegram_unreachable", words: "Telegram does not answer, or fails" },
} as const satisfies Record<string, Failing>;

/** Knows whether the bot's messages can get through: asks Telegram now and then, and reads what the gateway prints. */
export function createTelegramCheck(options: CheckOptions = {}): TelegramCheck {
  const { ask = askTelegram, now = Date.now, everyMs = EVERY_MS, againMs = AGAIN_MS } = options;
  let channel: Channel | undefined;
  let timer: NodeJS.Timeout | undefined;
  let [answered, refused, misses] = [false, false, 0];
  let [conflictAt, triedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];

  const look = async (asked: Channel) => {
    const verdict = await ask(asked);
    if (asked !== channel) return;
    answered = verdict !== "unreachable" || misses + 1 >= MISSES;
    refused = verdict === "refused";
    misses = verdict === "unreachable" ? misses + 1 : 0;
    timer = setTimeout(() => look(asked), verdict === "accepted" ? everyMs : againMs);
  };
  const forget = () => {
    clearTimeout(timer);
    [answered, refused, misses, channel] = [false, false, 0, undefined];
    [conflictAt, triedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  };
  const isPolledElsewhere = () =>
    conflictAt > Number.NEGATIVE_INFINITY && (triedAt <= conflictAt || now() - triedAt < QUIET_MS);

  return {
    onApplied(next) {
      if (channel?.bot_token === next.bot_token && channel.api_root === next.api_root) return;
      forget();
      if (next.bot_token === "") return;
      channel = next;
      void look(next);
    },
    onLine(line) {
      if (channel && REFUSED.test(line)) {
        // Asked at once, since it may be said of the bot before.
        clearTimeout(timer);
        void look(channel);
      }
      if (CONFLICT.test(line)) conflictAt = now();
      if (TRIES.test(line)) triedAt = now();
    },
    trouble() {
      if (!channel) return null;
      if (refused) return TROUBLES.refused;
      if (misses >= MISSES) return TROUBLES.unreachable;
      return isPolledElsewhere() ? TROUBLES.elsewhere : null;
    },
    isPending: () => channel !== undefined && !answered,
    stop: forget,
  };
}

const TIMEOUT_MS = 5_000;

async function askTelegram({ api_root, bot_token }: Channel): Promise<Verdict> {
  try {
    const url = `${withoutSlash(api_root)}/bot${bot_token}/getMe`;
    const { status } = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // Telegram answers 404 to a malformed token.
    if (status === 401 || status === 404) return "refused";
    return status >= 500 ? "unreachable" : "accepted";
  } catch {
    return "unreachable";
  }
}

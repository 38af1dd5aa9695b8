/** Where "Start in Telegram" leads: the bot that is named at build time, else to the plans on the page itself. */
import type { TierId } from "#schema/domain/tiers.ts";

const BOT_NAME = /^[A-Za-z][A-Za-z0-9_]{3,30}[A-Za-z0-9]$/;

/** Shown instead of the invitation to start, as long as there is no sign-up bot. */
export const NOT_OPEN = "Sign-up is not open yet: these pages show the service as it will be.";

export interface StartLink {
  href: string;
  label: string;
  /** The label where there is little room. */
  short: string;
  /** Whether it starts the sign-up, or only leads to the plans. */
  starts: boolean;
}

/** `bot`: the sign-up bot's username without @ (PUBLIC_TELEGRAM_BOT). `tier` travels as the bot's start parameter. */
export function startLink(bot: string | undefined, tier?: TierId): StartLink {
  if (!bot) {
    if (tier) return { href: "/pricing#side-by-side", label: "Compare in detail", short: "Compare", starts: false };
    return { href: "/#plans", label: "See the plans", short: "Plans", starts: false };
  }
  if (!BOT_NAME.test(bot)) throw new Error(`PUBLIC_TELEGRAM_BOT must be a bot's username without @, not "${bot}"`);
  return {
    href: `https://t.me/${bot}?start=${tier ?? "site"}`,
    label: "Start in Telegram",
    short: "Start",
    starts: true,
  };
}

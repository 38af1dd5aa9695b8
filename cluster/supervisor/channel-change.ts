import type { BoxConfig } from "#schema/contracts/box-config.ts";

type Channel = BoxConfig["telegram"];

/** OpenClaw's line when the channel has reached the Bot API with its token, or has given it up. */
const SETTLED = /\[telegram\] \[default\] (starting provider|channel exited)/;

/** After this long the gateway's own probe decides. */
const LONGEST_MS = 60_000;

/**
 * Whether a change of the bot is still on its way into the running gateway. OpenClaw's probe speaks of the channel it
 * has, which is the old one until the reload is through (0.7 s on an idle machine, many times that on a busy one), so
 * the end of a change is read from its output.
 */
export function createChannelChange(now: () => number = Date.now) {
  let changedAt: number | null = null;
  return {
    onApplied(before: Channel, after: Channel): void {
      if (after.bot_token === "") changedAt = null;
      else if (before.bot_token !== after.bot_token || before.api_root !== after.api_root) changedAt = now();
    },
    onLine(line: string): void {
      if (changedAt !== null && SETTLED.test(line)) changedAt = null;
    },
    isUnderWay: (): boolean => changedAt !== null && now() - changedAt < LONGEST_MS,
  };
}

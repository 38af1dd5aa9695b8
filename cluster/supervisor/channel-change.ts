import type { BoxConfig } from "#schema/contracts/box-config.ts";

type Channel = BoxConfig["telegram"];

/** OpenClaw's line when the channel has reached the Bot API with its token, or has given it up. */
const SETTLED = /\[telegram\] \[bot\d+\] (starting provider|channel exited)/;
/** OpenClaw's line just before it takes in who may talk to it. It says nothing afterwards, and nothing while it starts. */
const TAKES_IN_PEOPLE = /\[reload\] config change detected; evaluating reload \(.*channels\.telegram\.allowFrom/;
/** How long that takes, with room for a busy machine; and how long after its start it sees what changed meanwhile. */
const TAKEN_IN_MS = 500;
const SEEN_AFTER_START_MS = 2_000;

/** After this long the gateway's own probe decides. */
const LONGEST_MS = 60_000;

/**
 * Whether a change of the bot, or of the people, is still on its way into the running gateway. OpenClaw's probe speaks
 * of the channel it has, which is the old one until the reload is through (0.7 s on an idle machine, many times that on
 * a busy one), so the end of a change is read from its output. Until then it drops what new people write.
 */
export function createChannelChange(now: () => number = Date.now) {
  let botUntil = 0;
  let peopleUntil = 0;
  return {
    onApplied(before: Channel, after: Channel): void {
      if (after.bot_token === "") {
        botUntil = peopleUntil = 0;
        return;
      }
      if (before.bot_token !== after.bot_token || before.api_root !== after.api_root) botUntil = now() + LONGEST_MS;
      if (before.allow_from.join() !== after.allow_from.join()) peopleUntil = now() + LONGEST_MS;
    },
    onLine(line: string): void {
      if (TAKES_IN_PEOPLE.test(line)) peopleUntil = Math.min(peopleUntil, now() + TAKEN_IN_MS);
      if (!SETTLED.test(line)) return;
      botUntil = 0;
      peopleUntil = Math.min(peopleUntil, now() + SEEN_AFTER_START_MS);
    },
    isUnderWay: (): boolean => now() < Math.max(botUntil, peopleUntil),
  };
}

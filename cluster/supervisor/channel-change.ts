import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { accountOf } from "./openclaw-config.ts";

type Channel = BoxConfig["telegram"];

/** OpenClaw's line when the Bot API has answered its channel: without a name in brackets it has not. */
const ANSWERED = /\[telegram\] \[(bot\d+)\] starting provider \(@/;
/** Its line when it gives the channel up, and how long its probe may take to say so, too. */
const GIVEN_UP = /\[telegram\] \[(bot\d+)\] channel exited/;
const PROBED_MS = 2_000;
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
 *
 * The start of a gateway is such a change: its probe takes a channel for working until five seconds after it has failed.
 */
export function createChannelChange(now: () => number = Date.now) {
  let account = "";
  let botUntil = 0;
  let peopleUntil = 0;
  return {
    onApplied(before: Channel, after: Channel): void {
      account = accountOf(after.bot_token);
      if (after.bot_token === "") {
        botUntil = peopleUntil = 0;
        return;
      }
      if (before.bot_token !== after.bot_token || before.api_root !== after.api_root) botUntil = now() + LONGEST_MS;
      if (before.allow_from.join() !== after.allow_from.join()) peopleUntil = now() + LONGEST_MS;
    },
    /** A new process of the gateway: however long it takes until it serves. */
    onStart(channel: Channel | undefined): void {
      if (!channel?.bot_token) return;
      account = accountOf(channel.bot_token);
      botUntil = Number.POSITIVE_INFINITY;
    },
    /** It serves: its channel starts now. */
    onServing(): void {
      botUntil = Math.min(botUntil, now() + LONGEST_MS);
    },
    onLine(line: string): void {
      if (TAKES_IN_PEOPLE.test(line)) peopleUntil = Math.min(peopleUntil, now() + TAKEN_IN_MS);
      if (GIVEN_UP.exec(line)?.[1] === account) botUntil = Math.min(botUntil, now() + PROBED_MS);
      if (ANSWERED.exec(line)?.[1] !== account) return;
      botUntil = 0;
      peopleUntil = Math.min(peopleUntil, now() + SEEN_AFTER_START_MS);
    },
    isUnderWay: (): boolean => now() < Math.max(botUntil, peopleUntil),
  };
}

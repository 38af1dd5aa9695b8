import type { Message } from "grammy/types";
import { type Context, dialogOf, requireBot } from "./context.ts";

export interface ReplyWish {
  userId: number;
  /** Username */
  bot: string;
  /** Only messages with a higher id. Default: those after the user's last message. */
  after?: number;
  /** Only a message that this is true for, looked at again after every edit. */
  where?: (message: Message) => boolean;
  timeoutMs: number;
}

/** @throws Error that shows what the bot said instead */
export function waitForReply(
  ctx: Context,
  { userId, bot: username, after, where = () => true, timeoutMs }: ReplyWish,
): Promise<Message> {
  const bot = requireBot(ctx, username);
  const dialog = dialogOf(ctx, userId, bot.id);
  const from = after ?? dialog.messages.findLast((message) => message.from?.id === userId)?.message_id ?? 0;
  const replies = () => dialog.messages.filter((message) => message.message_id > from && message.from?.id === bot.id);
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = replies().find(where);
      if (found) settle(() => resolve(structuredClone(found)));
    };
    const stop = ctx.feed.subscribe((user) => user === userId && look());
    const timer = setTimeout(() => settle(() => reject(new Error(failure(username, timeoutMs, replies())))), timeoutMs);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      stop();
      then();
    };
    look();
  });
}

const failure = (bot: string, timeoutMs: number, replies: Message[]): string =>
  `@${bot} gave no such reply within ${timeoutMs} ms; it said ${JSON.stringify(replies.map(({ text, caption }) => text ?? caption ?? ""))}`;

import { on } from "node:events";
import type { Message } from "grammy/types";
import { type Context, openChat } from "./context.ts";

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
export async function waitForReply(ctx: Context, wish: ReplyWish): Promise<Message> {
  const { where = () => true, timeoutMs } = wish;
  const { bot, person, dialog } = openChat(ctx, wish.userId, wish.bot);
  const after = wish.after ?? dialog.messages.findLast(({ from }) => from?.id === person.id)?.message_id ?? 0;
  const replies = () => dialog.messages.filter(({ message_id, from }) => message_id > after && from?.id === bot.id);
  const signal = AbortSignal.timeout(timeoutMs);
  const changes = on(ctx.screens, "show", { signal });
  try {
    for (;;) {
      const found = replies().find(where);
      if (found) return structuredClone(found);
      await changes.next();
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    const said = JSON.stringify(replies().map(({ text, caption }) => text ?? caption ?? ""));
    throw new Error(`@${bot.username} gave no such reply within ${timeoutMs} ms; it said ${said}`);
  } finally {
    await changes.return?.();
  }
}

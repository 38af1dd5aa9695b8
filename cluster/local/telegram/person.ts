import { randomUUID } from "node:crypto";
import type { CallbackQuery, InlineKeyboardButton, KeyboardButton, Message } from "grammy/types";
import { badRequest } from "./api-error.ts";
import { pressBotFather, tellBotFather } from "./botfather.ts";
import { createManagedBot } from "./bots.ts";
import { type Content, chatOf, findMessage, type PrivateChat, post } from "./chat.ts";
import { botUser, type Context, dialogOf, requireBot, requirePerson, unixTime, userOf } from "./context.ts";
import type { Upload } from "./file-store.ts";
import { formatText } from "./format/format-text.ts";
import { mediaContent } from "./media.ts";
import { withoutReply } from "./methods/reply.ts";
import { BOTFATHER, type BotRecord } from "./world.ts";

export interface UserSays {
  userId: number;
  /** Username */
  bot: string;
  text?: string;
  photo?: Upload;
  document?: Upload;
  /** Message id */
  replyTo?: number;
}

const LONGEST_TEXT = 4096;

/** What happens when a person writes in Telegram's app. @throws Error that says what is wrong */
export function sendAsUser(ctx: Context, says: UserSays): Message {
  const { bot, chat } = openChat(ctx, says.userId, says.bot);
  chat.dialog.started = true;
  setBlocked(ctx, says.userId, says.bot, false);
  const message = post(ctx, bot, chat, "user", contentOf(ctx, chat, says));
  deliver(ctx, bot, chat, message);
  return message;
}

function openChat(ctx: Context, userId: number, username: string): { bot: BotRecord; chat: PrivateChat } {
  const bot = requireBot(ctx, username);
  const person = requirePerson(ctx, userId);
  return { bot, chat: { person, dialog: dialogOf(ctx, person.id, bot.id) } };
}

function contentOf(ctx: Context, { dialog }: PrivateChat, { text = "", photo, document, replyTo }: UserSays): Content {
  const { text: plain, entities } = formatText({ text }, LONGEST_TEXT);
  const replied = findMessage(dialog, replyTo);
  const reply = replied && { reply_to_message: withoutReply(replied) };
  const upload = photo ?? document;
  if (!upload) {
    if (plain === "") throw badRequest("message text is empty");
    return { text: plain, ...(entities.length > 0 && { entities }), ...reply };
  }
  const media = mediaContent(ctx, photo ? "photo" : "document", upload);
  return {
    ...media,
    ...(plain && { caption: plain }),
    ...(entities.length > 0 && { caption_entities: entities }),
    ...reply,
  };
}

function deliver(ctx: Context, bot: BotRecord, chat: PrivateChat, message: Message): void {
  if (bot.username === BOTFATHER) tellBotFather(ctx, bot, chat, message.text ?? "");
  else if (mayUse(bot, chat.person.id)) ctx.updates.push(bot, { message } as never);
}

/** A managed bot may be closed to everybody but its owner and a few others. */
const mayUse = ({ access, ownerId }: BotRecord, userId: number): boolean =>
  !access.restricted || ownerId === userId || access.userIds.includes(userId);

export interface Press {
  userId: number;
  bot: string;
  /** Default: the newest message that has such a button. */
  messageId?: number;
  /** The button's callback data, or else its text. */
  data?: string;
  text?: string;
}

type CallbackButton = InlineKeyboardButton & { callback_data: string };

/** Presses a button below a message. Returns the query's id, which the bot answers. @throws Error */
export function pressButton(ctx: Context, press: Press): string {
  const { bot, chat } = openChat(ctx, press.userId, press.bot);
  const found = findButton(chat, press);
  if (!found) throw new Error(`@${press.bot} shows user ${press.userId} no button "${press.data ?? press.text}"`);
  const { message, button } = found;
  const query: CallbackQuery = {
    id: randomUUID(),
    from: userOf(chat.person),
    message,
    chat_instance: String(chat.person.id),
    data: button.callback_data,
  };
  ctx.queries.set(query.id, { userId: chat.person.id, query });
  if (bot.username === BOTFATHER) pressBotFather(ctx, bot, chat, query);
  else ctx.updates.push(bot, { callback_query: query });
  return query.id;
}

function findButton({ dialog }: PrivateChat, { messageId, data, text }: Press) {
  for (const message of dialog.messages.toReversed()) {
    if (messageId !== undefined && message.message_id !== messageId) continue;
    const buttons = message.reply_markup?.inline_keyboard.flat().filter(isCallback) ?? [];
    const button = buttons.find((each) => (data === undefined ? each.text === text : each.callback_data === data));
    if (button) return { message, button };
  }
  return undefined;
}

const isCallback = (button: InlineKeyboardButton): button is CallbackButton => "callback_data" in button;

/** The bot may no longer write to this person, or may again; it is told. */
export function setBlocked(ctx: Context, userId: number, username: string, blocked: boolean): void {
  const { bot, chat } = openChat(ctx, userId, username);
  if (chat.dialog.blocked === blocked) return;
  chat.dialog.blocked = blocked;
  tellMembership(ctx, bot, chat);
}

function tellMembership(ctx: Context, bot: BotRecord, { person, dialog }: PrivateChat): void {
  ctx.storage.changed();
  const member = { user: botUser(bot), status: "member" as const };
  const kicked = { user: botUser(bot), status: "kicked" as const, until_date: 0 };
  const [old_chat_member, new_chat_member] = dialog.blocked ? [member, kicked] : [kicked, member];
  ctx.updates.push(bot, {
    my_chat_member: {
      chat: chatOf(person),
      from: userOf(person),
      date: unixTime(ctx),
      old_chat_member,
      new_chat_member,
    },
  });
}

export interface ManagedBotWish {
  userId: number;
  /** Username of the bot that will manage the new one. */
  manager: string;
  username: string;
  name: string;
  /** The keyboard button that asked for it, if it was not a link. */
  requestId?: number;
}

/** A person agrees to the bot that a manager bot suggests. @throws Error */
export function agreeToManagedBot(
  ctx: Context,
  { userId, manager, username, name, requestId }: ManagedBotWish,
): BotRecord {
  const { bot, chat } = openChat(ctx, userId, manager);
  const created = createManagedBot(ctx, bot, { username, name, ownerId: userId });
  if (requestId !== undefined && asksFor(chat, requestId)) {
    const message = post(ctx, bot, chat, "user", { managed_bot_created: { bot: botUser(created) } });
    deliver(ctx, bot, chat, message);
  }
  return created;
}

function asksFor({ dialog }: PrivateChat, requestId: number): boolean {
  const buttons: KeyboardButton[] = dialog.keyboard?.keyboard.flat() ?? [];
  return buttons.some(
    (button) =>
      typeof button === "object" &&
      "request_managed_bot" in button &&
      button.request_managed_bot.request_id === requestId,
  );
}

import type { Method } from "./call.ts";
import { chatMethods } from "./chats.ts";
import { editMethods } from "./editing.ts";
import { managedMethods } from "./managed.ts";
import { mediaMethods } from "./media.ts";
import { messageMethods } from "./messages.ts";
import { profileMethods } from "./profile.ts";
import { updateMethods } from "./updates.ts";

const ALL = {
  ...chatMethods,
  ...editMethods,
  ...managedMethods,
  ...mediaMethods,
  ...messageMethods,
  ...profileMethods,
  ...updateMethods,
};

/** Telegram takes method names in any case. */
const BY_NAME = new Map<string, Method>(Object.entries(ALL).map(([name, method]) => [name.toLowerCase(), method]));

export const findMethod = (name: string): Method | undefined => BY_NAME.get(name.toLowerCase());

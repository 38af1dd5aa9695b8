import type { Messages } from "./messages.ts";

export const uk: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Токени на цей місяць закінчилися. Нові з’являться ${date}. Щоб продовжити просто зараз, оберіть більший тариф: ${link}`,
};

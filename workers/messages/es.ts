import type { Messages } from "./messages.ts";

export const es: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Has agotado tus tokens de este mes. Se renuevan el ${date}. Para seguir ahora mismo, elige un plan mayor: ${link}`,
};

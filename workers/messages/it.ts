import type { Messages } from "./messages.ts";

export const it: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Hai esaurito i token di questo mese. Si rinnovano il ${date}. Per continuare subito, scegli un piano più grande: ${link}`,
};

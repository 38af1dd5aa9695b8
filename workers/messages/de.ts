import type { Messages } from "./messages.ts";

export const de: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Deine Tokens für diesen Monat sind aufgebraucht. Am ${date} gibt es neue. Wenn du sofort weitermachen möchtest, wähle einen größeren Plan: ${link}`,
};

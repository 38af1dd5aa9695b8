import type { Messages } from "./messages.ts";

export const de: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Deine Tokens für diesen Monat sind aufgebraucht. Am ${date} gibt es neue. Wenn du sofort weitermachen möchtest, wähle einen größeren Plan: ${link}`,
  modelUnavailable:
    "Ich kann gerade nicht antworten, weil das KI-Modell hinter mir nicht reagiert. Unser Team weiß Bescheid. Bitte schreib mir in ein paar Minuten noch einmal.",
  modelBusy: "Das KI-Modell hinter mir ist gerade überlastet. Bitte schreib mir in ein paar Minuten noch einmal.",
  answerBrokeOff:
    "Meine Antwort bricht hier ab, weil das KI-Modell nicht mehr reagiert. Bitte schreib mir noch einmal.",
  voiceUnheard: "Sprachnachrichten kann ich noch nicht anhören. Bitte schreib mir als Text.",
};

import type { Messages } from "./messages.ts";

export const it: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Hai esaurito i token di questo mese. Si rinnovano il ${date}. Per continuare subito, scegli un piano più grande: ${link}`,
  modelUnavailable:
    "Al momento non posso rispondere, perché il modello di IA che uso non risponde. Il nostro team è stato avvisato. Scrivimi di nuovo tra qualche minuto.",
  modelBusy: "Il modello di IA che uso è sovraccarico in questo momento. Scrivimi di nuovo tra qualche minuto.",
  answerBrokeOff:
    "La mia risposta si interrompe qui, perché il modello di IA ha smesso di rispondere. Scrivimi di nuovo.",
  voiceUnheard: "Non posso ancora ascoltare i messaggi vocali. Scrivimi un testo, per favore.",
};

import type { Messages } from "./messages.ts";

export const fr: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Vous avez utilisé tous vos jetons de ce mois. Ils seront renouvelés le ${date}. Pour continuer tout de suite, choisissez une offre supérieure : ${link}`,
  modelUnavailable:
    "Je ne peux pas répondre pour le moment, car le modèle d'IA que j'utilise ne répond pas. Notre équipe est prévenue. Réécrivez-moi dans quelques minutes.",
  modelBusy: "Le modèle d'IA que j'utilise est surchargé en ce moment. Réécrivez-moi dans quelques minutes.",
  answerBrokeOff: "Ma réponse s'arrête ici, car le modèle d'IA ne répond plus. Réécrivez-moi.",
  voiceUnheard: "Je ne peux pas encore écouter les messages vocaux. Écrivez-moi en texte, s'il vous plaît.",
};

import type { Messages } from "./messages.ts";

export const fr: Partial<Messages> = {
  quotaExceeded: ({ date, link }) =>
    `Vous avez utilisé tous vos jetons de ce mois. Ils seront renouvelés le ${date}. Pour continuer tout de suite, choisissez une offre supérieure : ${link}`,
};

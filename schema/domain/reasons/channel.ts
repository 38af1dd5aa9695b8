import type { Reason } from "./reason.ts";

/** Why no message gets through between a box and Telegram. */
export const CHANNEL_REASONS = {
  bot_token_refused: {
    means: "Telegram refuses the bot's token (401): it was revoked, or the bot was deleted",
    todo: "Ask the owner for the bot's new token and give it with `fleet-agent boxes update BOX --new-bot`",
    runbook: "unhealthy-box",
    itself: "resume",
    job: "final",
    owner: {
      en: {
        cause: "Telegram no longer accepts your bot's token. It was probably revoked, or the bot was deleted.",
        todo: "Please send us the bot's new token. @BotFather shows it under /mybots, API Token.",
      },
      pt: {
        cause: "O Telegram não aceita mais o token do seu bot. Provavelmente ele foi revogado, ou o bot foi apagado.",
        todo: "Envie-nos o novo token do bot. O @BotFather mostra o token em /mybots, API Token.",
      },
    },
  },
  bot_polled_elsewhere: {
    means: "Another program asks Telegram for this bot's messages (409), so some of them never reach the box",
    todo: "Ask the owner where else the bot's token is used. If nobody knows, the owner revokes it at @BotFather and you give the new one",
    runbook: "unhealthy-box",
    itself: "resume",
    job: "retry",
    owner: {
      en: {
        cause: "Another program is using your bot's token, and takes messages that were meant for your agent.",
        todo: "Please stop the other program. If you don't know it, revoke the token at @BotFather and send us the new one.",
      },
      pt: {
        cause: "Outro programa está usando o token do seu bot e recebe mensagens destinadas ao seu agente.",
        todo: "Pare o outro programa. Se você não o conhece, revogue o token no @BotFather e envie-nos o novo.",
      },
    },
  },
  telegram_unreachable: {
    means: "Telegram does not answer, or answers with errors of its own (5xx)",
    todo: "See whether other boxes of the cluster reach Telegram. If none does, look at the cluster's way out; otherwise wait",
    runbook: "unhealthy-box",
    itself: "resume",
    job: "retry",
    owner: {
      en: { cause: "Telegram can't be reached at the moment.", todo: null },
      pt: { cause: "No momento, o Telegram não pode ser acessado.", todo: null },
    },
  },
} as const satisfies Record<string, Reason>;

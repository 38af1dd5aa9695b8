import { REASONS } from "#schema/domain/reasons/catalogue.ts";
import type { Messages } from "./messages.ts";

const reasonText = (code: keyof typeof REASONS): string => {
  const { cause, todo } = REASONS[code].owner.pt;
  return `${cause} ${todo ?? "Você não precisa fazer nada."}`;
};

const TRIED =
  "Já tentamos reiniciá-lo, e nossa equipe está vendo o problema. Escreveremos de novo quando ele voltar a funcionar.\n";
const SEEN = "Nossa equipe está vendo o problema. Escreveremos de novo quando ele voltar a funcionar.\n";

export const pt: Messages = {
  agentReady: ({ link }) => ({
    subject: "Seu agente está no ar",
    text: `Seu agente OpenClaw está pronto.\n\nFale com ele no Telegram: ${link}\n`,
  }),
  agentTrouble: ({ bot, code, restarted }) => ({
    subject: "Seu agente não está funcionando",
    text: [
      `Faz algum tempo que seu agente OpenClaw @${bot} não responde.`,
      reasonText(code),
      restarted ? TRIED : SEEN,
    ].join("\n\n"),
  }),
  agentWorksAgain: ({ link }) => ({
    subject: "Seu agente voltou a funcionar",
    text: `Seu agente OpenClaw está de volta.\n\nFale com ele no Telegram: ${link}\n`,
  }),
  quotaExceeded: ({ date, link }) =>
    `Você usou todos os seus tokens deste mês. Eles serão renovados em ${date}. Para continuar agora, escolha um plano maior: ${link}`,
  modelUnavailable:
    "No momento não consigo responder, porque o modelo de IA que uso não está respondendo. Nossa equipe já foi avisada. Escreva para mim de novo daqui a alguns minutos.",
  modelBusy: "O modelo de IA que uso está sobrecarregado no momento. Escreva para mim de novo daqui a alguns minutos.",
  answerBrokeOff: "Minha resposta para aqui, porque o modelo de IA deixou de responder. Escreva para mim de novo.",
  voiceUnheard: "Ainda não consigo ouvir mensagens de voz. Escreva para mim em texto, por favor.",
};

import type { Messages, TroubleCause } from "./messages.ts";

const CAUSES: Readonly<Record<TroubleCause, string>> = {
  not_ready:
    "Ele está rodando, mas não consegue acessar o Telegram. Se você trocou ou revogou o token do bot, envie-nos o novo. Caso contrário, não precisa fazer nada.",
  crash_loop: "Ele para sempre que é iniciado. Você não precisa fazer nada.",
  node: "A máquina em que ele roda falhou. A memória do seu agente está segura, e ele volta junto com a máquina. Você não precisa fazer nada.",
  image: "No momento, o software dele não pode ser carregado. Você não precisa fazer nada.",
  unschedulable: "No momento, não há espaço para ele. Você não precisa fazer nada.",
  quota: "Ele pede mais do que o plano permite. Você não precisa fazer nada.",
  unknown: "Ainda não sabemos a causa. Você não precisa fazer nada.",
};

export const pt: Messages = {
  agentReady: ({ link }) => ({
    subject: "Seu agente está no ar",
    text: `Seu agente OpenClaw está pronto.\n\nFale com ele no Telegram: ${link}\n`,
  }),
  agentTrouble: ({ bot, cause }) => ({
    subject: "Seu agente não está funcionando",
    text: [
      `Faz algum tempo que seu agente OpenClaw @${bot} não responde.`,
      CAUSES[cause],
      "Já tentamos reiniciá-lo, e nossa equipe está vendo o problema. Escreveremos de novo quando ele voltar a funcionar.\n",
    ].join("\n\n"),
  }),
  agentWorksAgain: ({ link }) => ({
    subject: "Seu agente voltou a funcionar",
    text: `Seu agente OpenClaw está de volta.\n\nFale com ele no Telegram: ${link}\n`,
  }),
  quotaExceeded: ({ date, link }) =>
    `Você usou todos os seus tokens deste mês. Eles serão renovados em ${date}. Para continuar agora, escolha um plano maior: ${link}`,
};

import type { Messages, TroubleCause } from "./messages.ts";

const CAUSES: Readonly<Record<TroubleCause, string>> = {
  not_ready:
    "It runs, but it can't reach Telegram. If you changed or revoked the bot's token, send us the new one. Otherwise you don't need to do anything.",
  crash_loop: "It stops each time it is started. You don't need to do anything.",
  node: "The machine it runs on has failed. Your agent's memory is safe, and it comes back with the machine. You don't need to do anything.",
  image: "Its software can't be loaded at the moment. You don't need to do anything.",
  unschedulable: "There is no room for it at the moment. You don't need to do anything.",
  quota: "It asks for more than its plan has room for. You don't need to do anything.",
  unknown: "We don't know the cause yet. You don't need to do anything.",
};

export const en: Messages = {
  agentReady: ({ link }) => ({
    subject: "Your agent is live",
    text: `Your OpenClaw agent is ready.\n\nWrite to it on Telegram: ${link}\n`,
  }),
  agentTrouble: ({ bot, cause }) => ({
    subject: "Your agent isn't working",
    text: [
      `Your OpenClaw agent @${bot} has not been answering for a while.`,
      CAUSES[cause],
      "We have already tried to restart it, and our team can see the problem. We'll write again when it works.\n",
    ].join("\n\n"),
  }),
  agentWorksAgain: ({ link }) => ({
    subject: "Your agent works again",
    text: `Your OpenClaw agent is back.\n\nWrite to it on Telegram: ${link}\n`,
  }),
  quotaExceeded: ({ date, link }) =>
    `You have used up your tokens for this month. They are renewed on ${date}. To continue now, choose a larger plan: ${link}`,
};

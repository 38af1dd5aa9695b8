import { REASONS } from "#schema/domain/reasons/catalogue.ts";
import type { Messages } from "./messages.ts";

const reasonText = (code: keyof typeof REASONS): string => {
  const { cause, todo } = REASONS[code].owner.en;
  return `${cause} ${todo ?? "You don't need to do anything."}`;
};

const TRIED =
  "We have already tried to restart it, and our team can see the problem. We'll write again when it works.\n";
const SEEN = "Our team can see the problem. We'll write again when it works.\n";

export const en: Messages = {
  agentReady: ({ link }) => ({
    subject: "Your agent is live",
    text: `Your OpenClaw agent is ready.\n\nWrite to it on Telegram: ${link}\n`,
  }),
  agentTrouble: ({ bot, code, restarted }) => ({
    subject: "Your agent isn't working",
    text: [
      `Your OpenClaw agent @${bot} has not been answering for a while.`,
      reasonText(code),
      restarted ? TRIED : SEEN,
    ].join("\n\n"),
  }),
  agentWorksAgain: ({ link }) => ({
    subject: "Your agent works again",
    text: `Your OpenClaw agent is back.\n\nWrite to it on Telegram: ${link}\n`,
  }),
  quotaExceeded: ({ date, link }) =>
    `You have used up your tokens for this month. They are renewed on ${date}. To continue now, choose a larger plan: ${link}`,
  modelUnavailable:
    "I can't answer at the moment, because the AI model behind me isn't responding. Our team has been alerted. Please write to me again in a few minutes.",
  modelBusy: "The AI model behind me is overloaded at the moment. Please write to me again in a few minutes.",
  answerBrokeOff: "My answer breaks off here, because the AI model stopped responding. Please write to me again.",
  voiceUnheard: "I can't listen to voice messages yet. Please write to me as text.",
};

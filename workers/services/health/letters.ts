/** What customers read about their agent's health: what it means for them, and nothing of our machines. */

interface Letter {
  subject: string;
  text: string;
}

const CAUSES: Readonly<Record<string, string>> = {
  not_ready: "It runs, but it can't reach Telegram. If you changed or revoked the bot's token, give us the new one.",
  crash_loop: "It stops again each time it is started.",
  node: "The machine it runs on has failed. Your agent's memory is safe; it comes back when the machine does.",
  image: "Its software can't be loaded at the moment.",
  unschedulable: "There is no room for it at the moment.",
  quota: "It asks for more than its plan has room for.",
};

/** `code`: why, as in boxes.health_code or a job's error. */
export const troubleLetter = (bot: string, code: string | null): Letter => ({
  subject: "Your agent doesn't work at the moment",
  text: [
    `Your OpenClaw agent @${bot} has not been answering for a while.`,
    CAUSES[code ?? ""] ?? "We don't know the cause yet.",
    "We have tried what can be tried automatically, and our people can see it. You need to do nothing; we write again when it works.",
    "",
  ].join("\n\n"),
});

export const mendedLetter = (bot: string, chatUrl: string): Letter => ({
  subject: "Your agent works again",
  text: `Your OpenClaw agent is back.\n\nWrite to it on Telegram: ${chatUrl}${bot}\n`,
});

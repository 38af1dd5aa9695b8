import type { LocalConfig } from "./config.ts";
import { usesRealTelegram } from "./edge-vars.ts";
import type { Stack } from "./stack.ts";

/** What `npm start` prints: an address and the next steps. */
export function welcome(stack: Pick<Stack, "url" | "services" | "secrets">, config: LocalConfig): string {
  const { bot, user } = stack.services.telegram.demo;
  const chat = usesRealTelegram(config)
    ? [
        "  2. Provision an agent there, with a bot token from @BotFather and your Telegram user id.",
        "  3. Chat with the bot in Telegram.",
      ]
    : [
        "  2. Provision an agent there, with any email. The built-in Telegram has a bot and a user ready:",
        `       Telegram bot token   ${bot.token}`,
        `       Telegram user id     ${user.id}`,
        `  3. When it is active, chat with it: ${stack.services.urls.chats}/?bot=${bot.username}`,
      ];
  return [
    "",
    `openclaw-cloud is running: ${stack.url}`,
    "",
    `  1. Open ${stack.url}/admin and sign in with the operator key`,
    `       ${stack.secrets.operatorKey}`,
    ...chat,
    "",
    "  For operators: npx fleet-agent boxes list   (--help lists the rest)",
    `  Also here: mail ${stack.services.urls.mail} · queue ${stack.services.urls.qstash} · API ${stack.url}/reference`,
    `  Logs: ${config.DATA_DIR}/logs/edge.log and agent.log; a box's: npx fleet-agent boxes logs <box>`,
    `  Ctrl-C stops everything. Data is kept in ${config.DATA_DIR}/ (delete it to start afresh).`,
    "",
  ].join("\n");
}

interface AgentEvent {
  level?: number;
  msg?: string;
  step?: string;
  detail?: string;
  err?: { message?: string };
}

/** The agent's JSON log lines for a terminal: only steps and problems. */
export function agentLine(line: string): string | undefined {
  try {
    const event = JSON.parse(line) as AgentEvent;
    // The fetch reports its own progress.
    if (event.step === "openclaw") return undefined;
    if (event.step && event.detail) return `  agent: ${event.detail}`;
    const why = event.err?.message?.split("\n", 1)[0];
    return (event.level ?? 0) >= 40 ? `  agent: ${event.msg}${why ? `: ${why}` : ""}` : undefined;
  } catch {
    return `  agent: ${line}`;
  }
}

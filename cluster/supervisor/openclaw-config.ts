import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { withoutSlash } from "#schema/domain/urls.ts";
import { isPrivate } from "./private-address.ts";

/** The one model provider of a box: our proxy. A neutral name, because known names make OpenClaw fetch their plugin. */
export const PROVIDER = "cloud";

/** OpenClaw keeps the file and five older ones: some 24 MB of the volume at most. What an operator reads is stdout. */
const LOG_BYTES = 4_000_000;

export interface RenderOptions {
  gatewayPort: number;
  workspace: string;
  logFile: string;
  /** Our own model on loopback for the first turn; see warm-up.ts. */
  warmUp: { baseUrl: string; key: string; bot?: { token: string; apiRoot: string } } | null;
}

/**
 * OpenClaw's configuration file for a box. An unknown key keeps OpenClaw from starting, so every key here was seen
 * to work with the pinned version. What would spend tokens or reach out unasked is off: the heartbeat (a whole turn
 * every half hour), self-review of skills after turns and weekly, update checks, telemetry,
 * the hosted model catalog, discovery.
 */
export function renderOpenClawConfig(box: BoxConfig, options: RenderOptions): Record<string, unknown> {
  return {
    gateway: {
      mode: "local",
      port: options.gatewayPort,
      bind: "loopback",
      auth: { mode: "token", token: literal(box.gateway_token) },
      controlUi: { enabled: false },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    discovery: { mdns: { mode: "off" } },
    update: { checkOnStart: false },
    telemetry: { enabled: false },
    logging: { level: "warn", file: options.logFile, maxFileBytes: LOG_BYTES },
    browser: { enabled: false },
    plugins: { allow: ["telegram"], slots: { memory: "none" } },
    skills: { workshop: { autonomous: { mode: "off" } } },
    // Code from the agent's folders, in the gateway's process.
    hooks: { internal: { enabled: false } },
    commands: {
      config: false,
      plugins: false,
      mcp: false,
      debug: false,
      bash: false,
      restart: false,
      // Its own skills in the menu: channels, images and devices that only an operator has.
      nativeSkills: false,
      // Without it, owners' commands ask for a terminal.
      ownerAllowFrom: box.telegram.allow_from.map((id) => `telegram:${id}`),
    },
    agents: {
      defaults: {
        workspace: options.workspace,
        skipBootstrap: true,
        model: { primary: `${PROVIDER}/${box.model.id}` },
        thinkingDefault: box.thinking_level,
        heartbeat: { every: "0m" },
      },
    },
    models: { mode: "replace", catalogRefresh: { enabled: false }, providers: providers(box, options.warmUp) },
    channels: { telegram: telegram(channel(box, options.warmUp)) },
  };
}

function providers(box: BoxConfig, warmUp: RenderOptions["warmUp"]) {
  const own = provider(box.proxy.base_url, box.proxy.token, {
    id: box.model.id,
    name: box.model.name,
    reasoning: true,
    input: box.model.images ? ["text", "image"] : ["text"],
    contextWindow: box.model.context_window,
    maxTokens: box.model.max_output_tokens,
    compat: { supportsReasoningEffort: true },
  });
  if (!warmUp) return { [PROVIDER]: own };
  const first = {
    id: "first-turn",
    name: "First turn",
    reasoning: false,
    input: ["text"],
    contextWindow: 262_144,
    maxTokens: 64,
  };
  return { [PROVIDER]: own, warmup: provider(warmUp.baseUrl, warmUp.key, first) };
}

function provider(baseUrl: string, key: string, model: Record<string, unknown>) {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  return { baseUrl, apiKey: literal(key), api: "openai-completions", models: [{ ...model, cost }] };
}

/** A box without a bot starts its channel once with a dummy bot (rehearsal-bot.ts). */
function channel({ telegram: own }: BoxConfig, warmUp: RenderOptions["warmUp"]): BoxConfig["telegram"] {
  if (own.bot_token !== "" || !warmUp?.bot) return own;
  return { bot_token: warmUp.bot.token, allow_from: ["1"], api_root: warmUp.bot.apiRoot };
}

/**
 * Only the listed people, only in private chats. Without a bot (a box of the warm pool) the channel is there but off:
 * switching it on is a hot reload, adding it later is not.
 *
 * Each bot is an account of its own. OpenClaw remembers which messages it has had by account and number, in memory and
 * in its state; in one account for all, the messages of a new bot, whose numbers begin anew, would count as known.
 */
function telegram(settings: BoxConfig["telegram"]) {
  return {
    enabled: settings.bot_token !== "",
    accounts:
      settings.bot_token === "" ? {} : { [accountOf(settings.bot_token)]: { botToken: literal(settings.bot_token) } },
    dmPolicy: "allowlist",
    allowFrom: settings.allow_from,
    groupPolicy: "disabled",
    configWrites: false,
    apiRoot: withoutSlash(settings.api_root),
    ...(isPrivate(settings.api_root) && { network: { dangerouslyAllowPrivateNetwork: true } }),
  };
}

/** By the bot's id, the part of its token before the colon: a rotated token is the same account's. */
export const accountOf = (token: string): string => `bot${token.split(":", 1)[0]}`;

/** OpenClaw replaces `${NAME}` in its configuration; a doubled dollar sign keeps a secret's own characters. */
function literal(text: string): string {
  return text.replace(/\$(?=\{)/g, "$$$$");
}

import { expect, test } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { type RenderOptions, renderOpenClawConfig } from "./openclaw-config.ts";

const OPTIONS: RenderOptions = {
  gatewayPort: 18_789,
  workspace: "/data/workspace",
  logFile: "/data/gateway.log",
  warmUp: null,
};

function render(changes: Parameters<typeof sampleConfig>[0] = {}, options: Partial<RenderOptions> = {}) {
  return renderOpenClawConfig(sampleConfig(changes), { ...OPTIONS, ...options });
}

const bot = sampleConfig().telegram;

test("the model is reached through the box's proxy, with the box's token, under a neutral name", () => {
  const config = render();
  expect(config).toMatchObject({
    agents: {
      defaults: { model: { primary: "cloud/kimi-coding/k2p5" }, thinkingDefault: "low", workspace: "/data/workspace" },
    },
    models: {
      mode: "replace",
      providers: {
        cloud: {
          baseUrl: "https://edge.example/v1",
          apiKey: "ocp_canary_proxy",
          api: "openai-completions",
          models: [{ id: "kimi-coding/k2p5", input: ["text", "image"], contextWindow: 262_144, maxTokens: 32_768 }],
        },
      },
    },
  });
});

test("nothing runs, spends or calls out unasked", () => {
  expect(render()).toMatchObject({
    agents: { defaults: { heartbeat: { every: "0m" } } },
    skills: { workshop: { autonomous: { mode: "off" } } },
    update: { checkOnStart: false },
    telemetry: { enabled: false },
    models: { catalogRefresh: { enabled: false } },
    discovery: { mdns: { mode: "off" } },
    browser: { enabled: false },
    plugins: { allow: ["telegram"], slots: { memory: "none" } },
  });
});

test("the gateway listens on loopback only and asks for its token", () => {
  expect(render().gateway).toMatchObject({
    bind: "loopback",
    port: 18_789,
    auth: { mode: "token", token: "canary-gateway" },
  });
});

test("only the listed people reach the agent, in private chats", () => {
  expect(render().channels).toMatchObject({
    telegram: {
      enabled: true,
      accounts: { bot123456789: { botToken: "123456789:canary" } },
      dmPolicy: "allowlist",
      allowFrom: ["42"],
      groupPolicy: "disabled",
    },
  });
});

test("a private Bot API root is trusted, the public one needs no trust", () => {
  const at = (api_root: string) => render({ telegram: { ...bot, api_root } }).channels;
  expect(at("http://10.0.0.1:9/telegram/")).toMatchObject({
    telegram: { apiRoot: "http://10.0.0.1:9/telegram", network: { dangerouslyAllowPrivateNetwork: true } },
  });
  expect(at("https://api.telegram.org")).not.toHaveProperty("telegram.network");
});

test("what OpenClaw remembers of a bot's messages is that bot's: a rotated token is the same account, another bot none", () => {
  const accounts = (bot_token: string) =>
    Object.keys(
      (render({ telegram: { ...bot, bot_token } }).channels as { telegram: { accounts: object } }).telegram.accounts,
    );
  expect(accounts("7:old")).toEqual(accounts("7:new"));
  expect(accounts("8:old")).not.toEqual(accounts("7:old"));
});

test("without a bot the channel is there but off", () => {
  expect(render({ telegram: { ...bot, bot_token: "" } }).channels).toMatchObject({ telegram: { enabled: false } });
});

test("a model without images takes text only", () => {
  const model = { ...sampleConfig().model, images: false };
  expect(render({ model })).toHaveProperty("models.providers.cloud.models.0.input", ["text"]);
});

test("the model of the first turn is there only while it is wanted", () => {
  const warmUp = { baseUrl: "http://127.0.0.1:5/v1", key: "first" };
  expect(render({}, { warmUp })).toHaveProperty("models.providers.warmup.baseUrl", warmUp.baseUrl);
  expect(render({}, { warmUp: null })).not.toHaveProperty("models.providers.warmup");
});

test("a box without a bot starts its channel with the rehearsal's, one with a bot never does", () => {
  const bot = { token: "1:rehearsal", apiRoot: "http://127.0.0.1:6" };
  const warmUp = { baseUrl: "http://127.0.0.1:5/v1", key: "first", bot };
  const telegram = (bot_token: string, also: typeof warmUp | null) =>
    render({ telegram: { ...sampleConfig().telegram, bot_token } }, { warmUp: also }).channels;
  expect(telegram("", warmUp)).toMatchObject({
    telegram: { enabled: true, accounts: { bot1: { botToken: bot.token } }, apiRoot: bot.apiRoot },
  });
  expect(telegram("", null)).toMatchObject({ telegram: { enabled: false, accounts: {} } });
  const own = { bot7: { botToken: "7:owners" } };
  expect(telegram("7:owners", warmUp)).toMatchObject({ telegram: { enabled: true, accounts: own } });
});

test("a secret that looks like a variable stays what it is", () => {
  const variable = (dollars: string) => `a${dollars}{HOME}b$c`;
  expect(render({ gateway_token: variable("$") }).gateway).toMatchObject({ auth: { token: variable("$$") } });
});

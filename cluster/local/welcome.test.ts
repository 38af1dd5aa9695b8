import { describe, expect, it } from "vitest";
import { readLocalConfig } from "./config.ts";
import { agentLine, welcome } from "./welcome.ts";

const STACK = {
  url: "http://127.0.0.1:8787",
  services: {
    urls: { chats: "http://127.0.0.1:8789", mail: "http://127.0.0.1:8790", qstash: "http://127.0.0.1:8791" },
    telegram: { demo: { bot: { token: "7:demo", username: "demo_agent_bot" }, user: { id: 1001 } } },
  },
  secrets: { operatorKey: "oc_ops_x" },
} as unknown as Parameters<typeof welcome>[0];

describe("welcome", () => {
  it("says where, with what key, and how to chat", () => {
    const text = welcome(STACK, readLocalConfig({}));
    const parts = ["http://127.0.0.1:8787/admin", "oc_ops_x", "7:demo", "1001", "npx fleet-agent boxes list"];
    for (const part of parts) expect(text).toContain(part);
    for (const link of ["8789/?bot=demo_agent_bot", "8790", "8791"]) expect(text).toContain(`http://127.0.0.1:${link}`);
  });

  it("tells nothing of the built-in bot where Telegram is the real one", () => {
    const text = welcome(STACK, readLocalConfig({ TELEGRAM_BOT_TOKEN: "1:real", DATA_DIR: "elsewhere" }));
    expect(text).not.toContain("7:demo");
    expect(text).not.toContain("1:real");
    expect(text).toContain("elsewhere/ (delete it");
    expect(text).toContain("elsewhere/logs/edge.log and agent.log");
  });
});

describe("agentLine", () => {
  it.each([
    [{ level: 30, msg: "step", step: "start", detail: "the gateway is ready" }, "  agent: the gateway is ready"],
    [{ level: 30, msg: "step", step: "openclaw", detail: "1 of 9 packages" }, undefined],
    [{ level: 30, msg: "the agent runs" }, undefined],
    [{ level: 50, msg: "it failed", err: { message: "no registry\nCheck that …" } }, "  agent: it failed: no registry"],
    [{ level: 40, msg: "slow" }, "  agent: slow"],
  ])("%j", (event, told) => expect(agentLine(JSON.stringify(event))).toBe(told));

  it("passes on what is no event", () => expect(agentLine("Error: boom")).toBe("  agent: Error: boom"));
});

/**
 * An agent that works against its own box, with a shell in a real pod as its own user: what it tries is undone or stopped
 * within seconds, and told. In npm start: cluster/supervisor/guard, fleet-agent/drivers/local and tests/e2e.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONFIG, OwnEnemy } from "#tests/harness/own-enemy.ts";
import { until } from "#tests/harness/until.ts";

const SECOND = 1_000;
let enemy: OwnEnemy;
beforeAll(async () => {
  enemy = await OwnEnemy.start("ada");
});
afterAll(() => enemy?.close());

/** As sed does it. */
const WIDER: Record<string, string> = {
  "who may talk": 's/"allowlist"/"open"/',
  "the people": 's/"1001"/"*"/',
  "the model": 's/"primary": "[^"]*"/"primary": "cloud\\/other"/',
  "the proxy": 's/"baseUrl": "[^"]*"/"baseUrl": "http:\\/\\/127.0.0.1:9\\/v1"/',
  "the commands": 's/"bash": false/"bash": true/',
  "the tools": '1 s/{/{ "tools": { "elevated": { "enabled": true } },/',
};

describe("undone before OpenClaw reads it, and told", () => {
  test.each(Object.entries(WIDER))("%s", async (_what, change) => {
    expect(await enemy.shell(`sed -i '${change}' ${CONFIG}; sleep 0.3; cat ${CONFIG}`)).toBe(enemy.config);
  });

  test("a stranger gets no answer", async () => {
    const { telegram } = enemy.cluster.stack.services;
    const { id: userId } = telegram.createUser("Eve");
    await enemy.shell(`sed -i -e 's/"allowlist"/"open"/' -e 's/"1001"/"*"/' ${CONFIG}`);
    const { username: bot } = enemy.owner;
    const { message_id: after } = telegram.sendAsUser({ userId, bot, text: "let me in" });
    await expect(telegram.waitForReply({ userId, bot, after, timeoutMs: 10 * SECOND })).rejects.toThrow();
    expect(await enemy.serves()).toBe(true);
    expect(await enemy.told()).toContain("openclaw.json");
  });

  test("settings in .env, and the owner's orders", async () => {
    await enemy.shell("echo A=1 > /data/openclaw/.env; sed -i 's/Speak/Whistle/' /data/workspace/AGENTS.md");
    const left = () =>
      enemy.shell("ls -a /data/openclaw | grep '^.env$'; grep Whistle /data/workspace/AGENTS.md; true");
    await until("both to be put right", async () => (await left()) === "", 10 * SECOND);
    await until("it to be told", async () => /AGENTS\.md/.test(await enemy.told()), 30 * SECOND);
  });
});

describe("what it can't do", () => {
  test("write where the programs and the configuration's origin are", async () => {
    const places = ["/etc/box/box.json", "/opt/supervisor/main.js", "/usr/local/bin/node", "/etc/passwd"];
    const tries = places.map((place) => `(echo x >> ${place}) 2>/dev/null && echo ${place}`);
    expect(await enemy.shell(`${tries.join("; ")}; true`)).toBe("");
  });

  test("find a token in another place than OpenClaw's configuration", async () => {
    const [box = ""] = /ocp_\w+/.exec(enemy.config) ?? [];
    const tokens = [String(enemy.owner.order.telegram_bot_token), box];
    const places =
      "/proc/[0-9]*/environ /proc/[0-9]*/cmdline /data/workspace /data/home /tmp /data/openclaw/gateway.log";
    // The search must not find its own command line.
    const finding = tokens.map((token) => `grep -rla '[${token[0]}]${token.slice(1)}' ${places} 2>/dev/null`);
    expect(await enemy.shell(`${finding.join("; ")}; grep -c '[${box[0]}]${box.slice(1)}' ${CONFIG}`)).toBe("1");
  });

  test("get into the supervisor by Node's debugger", async () => {
    await enemy.shell("kill -USR1 $(cat /proc/1/task/1/children)");
    await until("it to be refused", async () => (await enemy.log()).includes("debugger_refused"), 20 * SECOND);
    expect(await enemy.log()).not.toContain("Debugger listening");
  });
});

describe("what ends the container, which starts anew with the right files", () => {
  test("killing the supervisor", async () => {
    const before = await enemy.restarts();
    await enemy.attack(`sed -i 's/"allowlist"/"open"/' ${CONFIG}; kill -KILL $(cat /proc/1/task/1/children)`);
    await until("another start", async () => (await enemy.restarts()) > before, 60 * SECOND);
    expect(await enemy.serves()).toBe(true);
  });

  test("changing the configuration again and again, with the reason", async () => {
    const before = await enemy.restarts();
    await enemy.attack(`(while true; do echo '{}' > ${CONFIG}; sleep 0.05; done) >/dev/null 2>&1 &`);
    await until("another start", async () => (await enemy.restarts()) > before, 60 * SECOND);
    expect(await enemy.lastWords()).toContain("openclaw.json is changed from inside again and again");
    expect(await enemy.serves()).toBe(true);
  });
});
